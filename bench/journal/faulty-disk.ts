import { basename, dirname } from 'node:path';
import type { DurableFile, DurableFiles } from '../../src/adapters/system/durable-files.ts';
import type { JournalFile } from '../../src/ports/state-store.ts';

/** What goes wrong at one operation of a disk, and what is left afterwards. */
export const TROUBLES = ['kill', 'torn', 'enospc', 'eio', 'eio-on-sync', 'reordered'] as const;

export type Trouble = (typeof TROUBLES)[number];

export interface TroublePoint {
  readonly kind: Trouble;
  /** Which operation, from 0. */
  readonly at: number;
  /** Draws how much of a write arrives: from 0 to 1. */
  readonly share: () => number;
}

interface FileOnDisk {
  /** As other processes read it. */
  cached: string;
  /** As the disk surely has it. */
  durable: string;
  /** Its name survives a loss of power. */
  named: boolean;
  failed: boolean;
}

const BLOCK = 512;

/**
 * A disk in memory that keeps what was written apart from what was synced, breaks at one operation, and shows what a process that
 * comes later finds: after a kill all that was written, after a loss of power what was synced and any part of the rest.
 */
export class FaultyDisk implements DurableFiles {
  readonly #files = new Map<string, FileOnDisk>();
  readonly #point: TroublePoint | undefined;
  #operations = 0;
  #died = false;
  #powerLost = false;
  /** Set when a file was written or synced after it had failed: nobody knows what it holds then. */
  touchedAfterFailure = false;
  /** Called once, when the process is dead. */
  onDeath: () => void = () => undefined;

  constructor(point?: TroublePoint) {
    this.#point = point;
  }

  get operations(): number {
    return this.#operations;
  }

  get died(): boolean {
    return this.#died;
  }

  async makeFolder(path: string): Promise<string | undefined> {
    await this.#operate();
    return path;
  }

  async create(path: string): Promise<DurableFile> {
    const trouble = await this.#operate();
    if (this.#files.has(path)) throw failure('EEXIST');
    if (trouble === 'enospc' || trouble === 'eio') throw failure(trouble === 'eio' ? 'EIO' : 'ENOSPC');
    const file: FileOnDisk = { cached: '', durable: '', named: false, failed: false };
    this.#files.set(path, file);
    return {
      write: (text) => this.#write(file, text),
      sync: () => this.#sync(file),
      close: () => Promise.resolve(),
    };
  }

  async syncFolder(path: string): Promise<void> {
    const trouble = await this.#operate();
    if (trouble === 'eio-on-sync' || trouble === 'eio') throw failure('EIO');
    for (const [name, file] of this.#files) if (dirname(name) === path) file.named = true;
  }

  /** What a process that starts now finds of the journals in a folder. */
  journals(folder: string): readonly JournalFile[] {
    return [...this.#files]
      .filter(([path, { named }]) => dirname(path) === folder && (named || !this.#powerLost))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, file]) => {
        const lines = (this.#powerLost ? file.durable : file.cached).split('\n');
        const tail = lines.pop();
        return {
          writer: basename(path, '.ndjson'),
          lines,
          ...(tail === undefined || tail === '' ? {} : { tail }),
        };
      });
  }

  /** What is surely on the disk now. */
  durableText(): string {
    return [...this.#files.values()].map(({ durable, named }) => (named ? durable : '')).join('');
  }

  async #write(file: FileOnDisk, text: string): Promise<void> {
    if (file.failed) this.touchedAfterFailure = true;
    const trouble = await this.#operate(file, text);
    if (trouble === 'enospc' || trouble === 'eio') {
      file.cached += text.slice(0, this.#part(text.length));
      file.failed = true;
      throw failure(trouble === 'eio' ? 'EIO' : 'ENOSPC');
    }
    file.cached += text;
  }

  async #sync(file: FileOnDisk): Promise<void> {
    if (file.failed) this.touchedAfterFailure = true;
    const trouble = await this.#operate(file, '');
    if (trouble === 'eio-on-sync' || trouble === 'eio') {
      // The kernel takes what it could not write for written; the next sync would succeed, and the lines be lost.
      file.failed = true;
      throw failure('EIO');
    }
    file.durable = file.cached;
  }

  /** @returns what goes wrong here, when the process goes on with it. */
  async #operate(file?: FileOnDisk, text = ''): Promise<Trouble | undefined> {
    if (this.#died) await forever();
    const at = this.#operations++;
    // A disk answers later than it is asked.
    await Promise.resolve();
    if (this.#died) await forever();
    if (this.#point === undefined || at !== this.#point.at) return undefined;
    const { kind } = this.#point;
    if (kind !== 'kill' && kind !== 'torn' && kind !== 'reordered') return kind;
    if (file !== undefined) file.cached += text.slice(0, this.#part(text.length));
    this.#powerLost = kind !== 'kill';
    if (kind === 'torn') this.#keepPart();
    if (kind === 'reordered') this.#keepBlocks();
    this.#died = true;
    this.onDeath();
    return forever();
  }

  #part(length: number): number {
    return Math.floor((this.#point?.share() ?? 0) * (length + 1));
  }

  #keepPart(): void {
    for (const file of this.#files.values()) {
      const late = file.cached.slice(file.durable.length);
      file.durable += late.slice(0, this.#part(late.length));
    }
  }

  /** Blocks of what was not synced arrive or not, whatever their order; a gap reads as zeros. */
  #keepBlocks(): void {
    for (const file of this.#files.values()) {
      const late = file.cached.slice(file.durable.length);
      let kept = '';
      for (let begin = 0; begin < late.length; begin += BLOCK) {
        const block = late.slice(begin, begin + BLOCK);
        kept += (this.#point?.share() ?? 0) < 0.5 ? block : '\0'.repeat(block.length);
      }
      file.durable += kept.replace(/\0+$/, '');
    }
  }
}

/** What a dead process waits for. */
const forever = (): Promise<never> => new Promise(() => undefined);

const failure = (code: string): Error => Object.assign(new Error(`${code}: the disk failed`), { code });
