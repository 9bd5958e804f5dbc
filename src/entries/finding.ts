/** One thing that `squall doctor` looked at. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'no' | 'unknown';
  readonly says: string;
  /** Empty when there is nothing to mend. */
  readonly remedy: string;
}

export const finding = (check: string, ok: boolean, says: string, remedy: string): Finding => ({
  check,
  result: ok ? 'ok' : 'no',
  says,
  remedy: ok ? '' : remedy,
});
