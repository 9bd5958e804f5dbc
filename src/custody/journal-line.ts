import { createHash } from 'node:crypto';
import type { HealingEntry, Verification } from '../model/injection.ts';
import type { Instant } from '../model/instant.ts';
import type { LabConnection } from '../ports/lab.ts';

/** Version of the lines that are written; lines of the version before are read too. */
export const JOURNAL_SCHEMA_VERSION = 2;

/** Who keeps a journal, for whoever heals tomorrow. */
export interface JournalOwner {
  readonly host: string;
  readonly pid: number;
  /** Tells it from a later process with its pid; see `LockHolder`. */
  readonly birth?: string;
  /** The lab that the run is on, so that a fresh process finds it again. */
  readonly lab?: string;
  /** Files by which its systems are reached: paths and names, never what is in them. */
  readonly connection?: LabConnection;
  /** The run folder, for a copy of this journal and for going on with the run. */
  readonly folder?: string;
}

/** What a journal tells, one line each. */
export type JournalEvent =
  /** The run is registered, before its first fault. */
  | {
      readonly kind: 'opened';
      readonly owner?: JournalOwner;
      readonly wall: string;
      /** This file goes on for one of that writer's that can no longer be trusted. */
      readonly insteadOf?: string;
    }
  | { readonly kind: 'intend'; readonly entry: HealingEntry }
  | { readonly kind: 'verified'; readonly id: string; readonly verification: Verification }
  | { readonly kind: 'abandoned'; readonly id: string; readonly says: string }
  | { readonly kind: 'healed'; readonly id: string; readonly verification: Verification }
  /** No fault follows. */
  | { readonly kind: 'closed' };

export interface JournalLine {
  readonly schemaVersion: typeof JOURNAL_SCHEMA_VERSION;
  readonly run: string;
  /** Counts from 0 within its file. */
  readonly seq: number;
  /** When it was handed to the disk. Absent in lines of version 1. */
  readonly at?: Instant;
  /** SHA-256 of the line before, in hexadecimal; empty for the first. */
  readonly previous: string;
  readonly event: JournalEvent;
}

/** A line that vouches for itself, or that does but is of a version that this Squall does not know. */
export type ReadLine =
  | { readonly line: JournalLine; readonly sha256: string }
  | { readonly newer: number; readonly sha256: string };

const MARK = ',"sha256":"';

/** One line of NDJSON that vouches for itself and for the line before it. */
export function writeLine(line: JournalLine): { readonly text: string; readonly sha256: string } {
  const body = JSON.stringify(line);
  const sha256 = hash(body);
  return { text: `${body.slice(0, -1)}${MARK}${sha256}"}`, sha256 };
}

/** @returns undefined when the line is torn, damaged or not ours. */
export function readLine(text: string): ReadLine | undefined {
  const at = text.lastIndexOf(MARK);
  if (at < 0) return undefined;
  const body = `${text.slice(0, at)}}`;
  const sha256 = text.slice(at + MARK.length, -2);
  if (!text.endsWith('"}') || hash(body) !== sha256) return undefined;
  try {
    const written = JSON.parse(body) as JournalLine | LineOfVersion1;
    if ('schemaVersion' in written) {
      return written.schemaVersion === JOURNAL_SCHEMA_VERSION
        ? { line: written, sha256 }
        : { newer: Number(written.schemaVersion), sha256 };
    }
    return written.version === 1 ? { line: ofVersion1(written), sha256 } : undefined;
  } catch {
    return undefined;
  }
}

/** Version 1 had no instants, and called its version by another name. */
interface LineOfVersion1 {
  readonly version: number;
  readonly run: string;
  readonly seq: number;
  readonly previous: string;
  readonly event: JournalEvent;
}

const ofVersion1 = ({ run, seq, previous, event }: LineOfVersion1): JournalLine => ({
  schemaVersion: JOURNAL_SCHEMA_VERSION,
  run,
  seq,
  previous,
  event,
});

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
