import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseJson, writeWhole } from '../lab-layout.ts';
import type { Document, DocumentChange } from '../replica.ts';

export type Place = { readonly term: number; readonly revision: number };

/** A change that a leader of `term` sent, and that may not be committed. */
export type Pending = { readonly term: number; readonly change: DocumentChange };

export type DiskLine =
  | { readonly term: number; readonly vote?: string }
  | { readonly pending: Pending }
  | { readonly place: Place; readonly documents: readonly Document[] };

/** What a member must not forget when it is killed. Every method returns when the kernel has it. */
export interface MemberDisk {
  read(): readonly DiskLine[];
  add(line: DiskLine): void;
  replace(lines: readonly DiskLine[]): void;
}

/** Nothing is flushed to the disk itself: what may be killed here is the process, not the host. */
export function diskInFile(file: string): MemberDisk {
  const text = (line: DiskLine): string => `${JSON.stringify(line)}\n`;
  return {
    read() {
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
      return lines.map((line) => parseJson<DiskLine>(line)).filter((line) => line !== undefined);
    },
    // What a kill cut off was never answered for; what follows it begins on a line of its own.
    add: (line) => appendFileSync(file, `\n${text(line)}`, { mode: 0o600 }),
    replace: (lines) => writeWhole(file, lines.map(text).join('')),
  };
}
