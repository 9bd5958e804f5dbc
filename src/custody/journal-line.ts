import { createHash } from 'node:crypto';
import type { HealingEntry, Verification } from '../model/injection.ts';

/** Who keeps a journal, for whoever heals tomorrow. */
export interface JournalOwner {
  readonly host: string;
  readonly pid: number;
  /** The lab that the run is on, so that a fresh process finds it again. */
  readonly lab?: string;
}

/** What a journal tells, one line each. */
export type JournalEvent =
  /** The run is registered, before its first fault. */
  | { readonly kind: 'opened'; readonly owner?: JournalOwner; readonly wall: string }
  | { readonly kind: 'intend'; readonly entry: HealingEntry }
  | { readonly kind: 'verified'; readonly id: string; readonly verification: Verification }
  | { readonly kind: 'abandoned'; readonly id: string; readonly says: string }
  | { readonly kind: 'healed'; readonly id: string; readonly verification: Verification }
  /** No fault follows. */
  | { readonly kind: 'closed' };

export interface JournalLine {
  readonly version: 1;
  readonly run: string;
  /** Counts from 0 within its file. */
  readonly seq: number;
  /** SHA-256 of the line before, in hexadecimal; empty for the first. */
  readonly previous: string;
  readonly event: JournalEvent;
}

const MARK = ',"sha256":"';

/** One line of NDJSON that vouches for itself and for the line before it. */
export function writeLine(line: JournalLine): { readonly text: string; readonly sha256: string } {
  const body = JSON.stringify(line);
  const sha256 = hash(body);
  return { text: `${body.slice(0, -1)}${MARK}${sha256}"}`, sha256 };
}

/** @returns undefined when the line is torn, damaged or not ours. */
export function readLine(text: string): { readonly line: JournalLine; readonly sha256: string } | undefined {
  const at = text.lastIndexOf(MARK);
  if (at < 0) return undefined;
  const body = `${text.slice(0, at)}}`;
  const sha256 = text.slice(at + MARK.length, -2);
  if (!text.endsWith('"}') || hash(body) !== sha256) return undefined;
  try {
    const line = JSON.parse(body) as JournalLine;
    return line.version === 1 ? { line, sha256 } : undefined;
  } catch {
    return undefined;
  }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
