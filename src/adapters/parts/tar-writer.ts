const BLOCK = 512;
/** A tar ends with two empty blocks. */
const END_BYTES = 2 * BLOCK;

export type Write = (piece: Buffer) => Promise<void>;

/** Room that a file of this many bytes takes in a tar, with its header. */
export const roomFor = (bytes: number): number => BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;

/** Room of a whole tar of these entries. */
export const roomOfTar = (rooms: readonly number[]): number =>
  rooms.reduce((sum, room) => sum + room, END_BYTES);

/**
 * Writes a tar (POSIX ustar) piece by piece. Owners are root and times are zero, so that equal contents give equal bytes.
 */
export class TarWriter {
  readonly #write: Write;

  constructor(write: Write) {
    this.#write = write;
  }

  /** @param name without a leading slash. @param mode permission bits. */
  async directory(name: string, mode = 0o755): Promise<void> {
    await this.#write(header(`${name}/`, mode, 0, '5'));
  }

  /**
   * @param bytes the exact length of all that `contents` writes.
   * @throws when it wrote another length: the tar is broken then.
   */
  async file(
    name: string,
    mode: number,
    bytes: number,
    contents: (write: Write) => Promise<void>,
  ): Promise<void> {
    await this.#write(header(name, mode, bytes, '0'));
    let written = 0;
    await contents(async (piece) => {
      written += piece.length;
      await this.#write(piece);
    });
    if (written !== bytes) throw new Error(`${name} is ${written} bytes long, not ${bytes}.`);
    const rest = roomFor(bytes) - BLOCK - bytes;
    if (rest > 0) await this.#write(Buffer.alloc(rest));
  }

  async end(): Promise<void> {
    await this.#write(Buffer.alloc(END_BYTES));
  }
}

function header(name: string, mode: number, bytes: number, type: '0' | '5'): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long for a name in a tar.`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number): void => {
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  };
  block.write(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes, 124, 12);
  octal(0, 136, 12);
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write('root', 265, 'latin1');
  block.write('root', 297, 'latin1');
  // The sum is taken with spaces in its own place.
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return block;
}
