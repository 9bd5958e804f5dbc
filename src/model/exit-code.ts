/** Every way in which `squall` ends, as its exit code. */
export const EXIT = {
  pass: 0,
  /** The system under test failed; what the cloud itself leaked counts here too. */
  systemFailed: 1,
  /** Refused whatever the live state is: usage, plan. Nothing was touched. */
  refusedPlan: 2,
  /** Refused because of the live state: not steady, quorum not provable, no access. Nothing was hurt. */
  refusedState: 3,
  /** It could not be told. */
  unknown: 4,
  /** Something of ours is left: a fault that is not healed, an object that could not be deleted. */
  oursLeft: 5,
  /** Our own error. */
  internal: 70,
  /** Stopped by SIGINT, everything healed. */
  interrupted: 130,
  /** Stopped by SIGTERM or `squall stop`, everything healed. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One line for each exit code, in the order of the codes; the README's table is checked against it. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.pass, 'pass'],
  [EXIT.systemFailed, 'the system under test failed'],
  [EXIT.refusedPlan, 'refused whatever the live state: usage or plan; nothing was touched'],
  [
    EXIT.refusedState,
    'refused because of the live state: not steady, quorum not provable, no access; nothing was hurt',
  ],
  [EXIT.unknown, 'unknown: Squall could not tell'],
  [EXIT.oursLeft, 'something of Squall’s own is left behind'],
  [EXIT.internal, 'an error of Squall’s own'],
  [EXIT.interrupted, 'stopped by SIGINT, all healed'],
  [EXIT.terminated, 'stopped by SIGTERM, SIGHUP or `squall stop`, all healed'],
];

const PRECEDENCE: readonly ExitCode[] = [EXIT.oursLeft, EXIT.systemFailed, EXIT.unknown];

/** Several at once: what we left wins over a failed system, and that over not knowing. */
export function worstExitCode(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return (
    PRECEDENCE.find((code) => seen.has(code)) ?? [...seen].find((code) => code !== EXIT.pass) ?? EXIT.pass
  );
}
