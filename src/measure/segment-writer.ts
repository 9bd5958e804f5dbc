import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, HarnessError } from '../model/errors.ts';
import type { Sample } from '../model/observation.ts';
import { encodeBatch, encodeEnd, encodeHeader, type SegmentHeader } from './segment-format.ts';

/** A segment is followed by the next one at this size: about 400,000 samples. */
const ROLL_AT_BYTES = 8 * 1024 * 1024;

/** Samples that wait for a disk that refuses them; beyond, the oldest are given up and will be unseen. */
const MOST_WAITING = 200_000;

/** The name of a probe as part of a file name, without loss. */
export const segmentName = (probe: string, k: number): string => `${encodeURIComponent(probe)}-${k}.seg`;

/**
 * Writes the samples of one probe into `<probe>-<k>.seg`. A write that fails is tried again with the next batch at the same
 * place, so a disk that is full for a while costs nothing.
 */
export class SegmentWriter {
  readonly #folder: string;
  readonly #header: SegmentHeader;
  readonly #rollAt: number;
  #file: FileHandle | undefined;
  #k = 0;
  #position = 0;
  #waiting: Sample[] = [];
  #writing = false;
  #trouble: unknown;

  constructor(folder: string, header: SegmentHeader, rollAtBytes: number = ROLL_AT_BYTES) {
    this.#folder = folder;
    this.#header = header;
    this.#rollAt = rollAtBytes;
  }

  /** Makes the first segment. @throws SQ_RUN_FOLDER */
  async open(): Promise<void> {
    try {
      await this.#openSegment('wx');
    } catch (error) {
      throw this.#cannotWrite(error);
    }
  }

  /** Hands over a batch; it is on its way to the disk, and errors are kept for `close`. */
  write(samples: readonly Sample[]): void {
    for (const sample of samples) this.#waiting.push(sample);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.splice(0, this.#waiting.length - MOST_WAITING);
    if (this.#writing || this.#waiting.length === 0) return;
    this.#writing = true;
    void this.#drain().finally(() => {
      this.#writing = false;
    });
  }

  /**
   * Writes what is left and the end, and syncs.
   * @throws SQ_RUN_FOLDER when samples could not be kept.
   */
  async close(endNs: number): Promise<void> {
    try {
      await this.#drainUntilIdle();
      if (this.#waiting.length > 0) throw this.#trouble;
      await this.#put(encodeEnd(endNs));
      await this.#file?.sync();
    } catch (error) {
      throw this.#cannotWrite(error);
    } finally {
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
    }
  }

  async #drainUntilIdle(): Promise<void> {
    while (this.#writing) await new Promise((resolve) => setImmediate(resolve));
    await this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const bytes = encodeBatch(batch);
        if (this.#position + bytes.length > this.#rollAt && this.#file !== undefined)
          await this.#endSegment();
        if (this.#file === undefined) await this.#openSegment('w');
        await this.#put(bytes);
      } catch (error) {
        this.#waiting = batch.concat(this.#waiting);
        this.#trouble = error;
        return;
      }
    }
  }

  async #endSegment(): Promise<void> {
    const file = this.#file;
    await file?.sync();
    this.#file = undefined;
    this.#k += 1;
    await file?.close();
  }

  async #openSegment(flag: 'wx' | 'w'): Promise<void> {
    this.#file = await open(join(this.#folder, segmentName(this.#header.probe.name, this.#k)), flag);
    this.#position = 0;
    try {
      await this.#put(encodeHeader(this.#header));
    } catch (error) {
      // A segment whose header is not whole is made anew with the next batch.
      await this.#file.close().catch(() => undefined);
      this.#file = undefined;
      throw error;
    }
  }

  async #put(bytes: Buffer): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const file = this.#file;
      if (file === undefined) throw new Error('the segment is closed');
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, this.#position + done);
      done += bytesWritten;
    }
    this.#position += bytes.length;
  }

  #cannotWrite(error: unknown): HarnessError {
    const name = join(this.#folder, segmentName(this.#header.probe.name, this.#k));
    return new HarnessError(
      'SQ_RUN_FOLDER',
      `Samples cannot be written to ${name}: ${describeError(error)}.`,
      {
        cause: error,
      },
    );
  }
}
