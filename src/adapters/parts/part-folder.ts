import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { describeError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { sha256OfFile } from './checksums.ts';
import type { Part, Platform } from './lock.ts';
import { runProgram } from './run-program.ts';
import { temporaryIn } from './temporary.ts';

/** Where the binaries came from when they were put into the cache; `earlier`: from a call that was ended before its record. */
export type Origin = 'folder' | 'release' | 'build' | 'earlier';

const Binary = z.object({
  sha256: z.string(),
  bytes: z.number(),
  origin: z.enum(['folder', 'release', 'build', 'earlier']),
});
const PartRecord = z.object({ format: z.literal(1), binaries: z.record(z.string(), Binary) });
type PartRecord = z.infer<typeof PartRecord>;

/** One binary of a part, in the cache. */
export interface PartBinary extends z.infer<typeof Binary> {
  readonly name: string;
  readonly part: string;
  readonly version: string;
  readonly path: string;
}

/** A program that was asked for its version longer than this hangs. */
const VERSION_LIMIT_MS = 30_000;

/** The file that is written when a part is whole. */
const RECORD = 'part.json';

/** One part's folder of the cache. Whatever lies there under a final name is whole: it came there by a rename. */
export class PartFolder {
  readonly path: string;
  readonly #part: Part;
  readonly #platform: Platform;
  readonly #clock: Clock;
  readonly #origins = new Map<string, Origin>();

  constructor(path: string, part: Part, platform: Platform, clock: Clock) {
    this.path = path;
    this.#part = part;
    this.#platform = platform;
    this.#clock = clock;
  }

  missing(): readonly string[] {
    return Object.keys(this.#part.binaries).filter((binary) => !existsSync(join(this.path, binary)));
  }

  /** A name beside the final one, for what is not whole yet; parents are made, leftovers of ended processes removed. */
  temporary(name: string): string {
    return temporaryIn(this.path, name);
  }

  /**
   * Gives a whole file its final name.
   * @returns why it was not taken, and removed: it does not run, or says that it is of another version.
   */
  async settle(
    binary: string,
    file: string,
    origin: Origin,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    chmodSync(file, 0o755);
    const wrong = await this.#wrongVersion(binary, file, signal);
    if (wrong !== undefined) {
      rmSync(file);
      return wrong;
    }
    renameSync(file, join(this.path, binary));
    this.#origins.set(binary, origin);
    return undefined;
  }

  /** The binaries of a part that is whole; undefined when its record is missing or does not fit the files. */
  recorded(): readonly PartBinary[] | undefined {
    const record = this.#readRecord();
    if (record === undefined) return undefined;
    const found: PartBinary[] = [];
    for (const name of Object.keys(this.#part.binaries)) {
      const binary = record.binaries[name];
      const path = join(this.path, name);
      if (!binary || !existsSync(path) || statSync(path).size !== binary.bytes) return undefined;
      found.push({ ...binary, name, path, part: this.#part.name, version: this.#part.version });
    }
    return found;
  }

  /** Removes files that are not as long as their record says. */
  removeDamaged(): void {
    for (const [name, { bytes }] of Object.entries(this.#readRecord()?.binaries ?? {})) {
      const path = join(this.path, name);
      if (existsSync(path) && statSync(path).size !== bytes) rmSync(path);
    }
  }

  /** Writes the record of a part that lacks nothing. */
  async finish(signal: AbortSignal): Promise<readonly PartBinary[]> {
    const before = this.#readRecord();
    const binaries: PartRecord['binaries'] = {};
    for (const name of Object.keys(this.#part.binaries)) {
      const path = join(this.path, name);
      const sha256 = await sha256OfFile(path, signal);
      const known = before?.binaries[name];
      const origin = this.#origins.get(name) ?? (known?.sha256 === sha256 ? known.origin : 'earlier');
      binaries[name] = { sha256, bytes: statSync(path).size, origin };
    }
    const temporary = this.temporary(RECORD);
    writeFileSync(temporary, `${JSON.stringify({ format: 1, binaries } satisfies PartRecord, null, 2)}\n`);
    renameSync(temporary, join(this.path, RECORD));
    return this.recorded() ?? [];
  }

  #readRecord(): PartRecord | undefined {
    try {
      return PartRecord.parse(JSON.parse(readFileSync(join(this.path, RECORD), 'utf8')));
    } catch {
      return undefined;
    }
  }

  async #wrongVersion(binary: string, file: string, signal: AbortSignal): Promise<string | undefined> {
    const shows = this.#part.binaries[binary]?.shows;
    if (shows === undefined || !runsHere(this.#platform)) return undefined;
    const asked = `${binary} ${shows.join(' ')}`;
    try {
      const { code, lines } = await runProgram(
        file,
        shows,
        { limitMs: VERSION_LIMIT_MS, clock: this.#clock },
        signal,
      );
      if (lines.some((line) => says(line, this.#part.version))) return undefined;
      return `${asked} does not say ${this.#part.version} but, with exit code ${code}: ${lines[0] ?? 'nothing'}`;
    } catch (error) {
      signal.throwIfAborted();
      return `${asked} cannot be run: ${describeError(error)}`;
    }
  }
}

/** The version as a word of its own: 1.36.3 is not in 1.36.31. */
function says(line: string, version: string): boolean {
  return new RegExp(`(?<![\\d.])${version.replaceAll('.', '\\.')}(?![\\d])`).test(line);
}

/** Whether this machine can start programs of the platform. */
export function runsHere({ os, arch }: Platform): boolean {
  return os === process.platform && arch === { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
}
