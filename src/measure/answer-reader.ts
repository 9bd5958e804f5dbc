/** Bytes that are no answer of HTTP/1.1, or none that can be told apart from the next. */
export class UnreadableAnswer extends Error {
  override readonly name = 'HTTPParserError';
}

const MOST_HEAD_BYTES = 64 * 1024;
const MOST_CHUNK_LINE = 1024;

/** As much of a body as is kept to look for a text in it. */
const MOST_KEPT_BYTES = 1024 * 1024;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;
const CHUNK_LINE = /^([0-9a-fA-F]{1,13})[ \t]*(?:;.*)?$/;

type State = 'head' | 'fixed' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailer' | 'until-close' | 'whole';

/**
 * One answer of HTTP/1.1 (RFC 9112), read as its bytes come: the little that a probe needs, and nothing that waits. Answers that
 * only announce another (1xx) are passed over.
 */
export class AnswerReader {
  /** 0 until the head is there. */
  status = 0;
  /** Whether the connection may be used again. */
  reusable = true;
  /** For how long the server keeps it, in seconds, where it says so. */
  keptSeconds: number | undefined;
  readonly #headOnly: boolean;
  readonly #kept: Buffer[] | undefined;
  #keptBytes = 0;
  #state: State = 'head';
  #unread: Buffer = Buffer.alloc(0);
  /** Of a body or a chunk. */
  #left = 0;

  /** @param headOnly the request was a HEAD. @param keepBody whether `body` will be asked for. */
  constructor({ headOnly, keepBody }: { readonly headOnly: boolean; readonly keepBody: boolean }) {
    this.#headOnly = headOnly;
    this.#kept = keepBody ? [] : undefined;
  }

  get body(): Buffer {
    return Buffer.concat(this.#kept ?? []);
  }

  /** @returns true once the answer is whole. @throws UnreadableAnswer */
  push(bytes: Buffer): boolean {
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    while (this.#step());
    if (this.#state !== 'whole') return false;
    // What comes behind a whole answer belongs to no request.
    if (this.#unread.length > 0) this.reusable = false;
    return true;
  }

  /** The connection has ended. @returns true where that is the end of the answer. */
  end(): boolean {
    if (this.#state === 'until-close') this.#state = 'whole';
    return this.#state === 'whole';
  }

  /** @returns true when there may be more to read in what has come. */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'fixed':
      case 'chunk':
        return this.#readCounted();
      case 'chunk-line':
        return this.#readChunkLine();
      case 'chunk-end':
        return this.#readChunkEnd();
      case 'trailer':
        return this.#readTrailer();
      case 'until-close':
        this.#keep(this.#take(this.#unread.length));
        return false;
      case 'whole':
        return false;
    }
  }

  #readHead(): boolean {
    if (!'HTTP/1.'.startsWith(this.#unread.toString('latin1', 0, 7))) throw new UnreadableAnswer('no HTTP/1');
    const end = this.#unread.indexOf('\r\n\r\n');
    if (end < 0) {
      if (this.#unread.length > MOST_HEAD_BYTES) throw new UnreadableAnswer('a head without an end');
      return false;
    }
    const [first = '', ...lines] = this.#take(end + 4)
      .toString('latin1', 0, end)
      .split('\r\n');
    const [, minor, digits] = STATUS_LINE.exec(first) ?? [];
    if (digits === undefined) throw new UnreadableAnswer('a first line that is none');
    const status = Number(digits);
    const headers = headersOf(lines);
    if (status === 101) throw new UnreadableAnswer('another protocol');
    if (status < 200) return true;
    this.status = status;
    this.#settle(headers, minor === '0');
    return true;
  }

  #settle(headers: ReadonlyMap<string, string>, old: boolean): void {
    const connection = headers.get('connection')?.toLowerCase() ?? '';
    const keeps = old ? /\bkeep-alive\b/.test(connection) : !/\bclose\b/.test(connection);
    this.reusable = keeps;
    const kept = /\btimeout=(\d+)/i.exec(headers.get('keep-alive') ?? '')?.[1];
    if (kept !== undefined) this.keptSeconds = Number(kept);
    const [coding, length] = [headers.get('transfer-encoding'), headers.get('content-length')];
    if (coding !== undefined && length !== undefined) throw new UnreadableAnswer('two lengths');
    if (this.#headOnly || this.status === 204 || this.status === 304) this.#state = 'whole';
    else if (coding !== undefined && /(^|,)[ \t]*chunked$/i.test(coding)) this.#state = 'chunk-line';
    else if (coding !== undefined || length === undefined) {
      this.#state = 'until-close';
      this.reusable = false;
    } else {
      if (!/^\d{1,15}$/.test(length)) throw new UnreadableAnswer('a length that is none');
      this.#left = Number(length);
      this.#state = this.#left === 0 ? 'whole' : 'fixed';
    }
  }

  #readCounted(): boolean {
    const part = this.#take(Math.min(this.#left, this.#unread.length));
    this.#keep(part);
    this.#left -= part.length;
    if (this.#left > 0) return false;
    this.#state = this.#state === 'fixed' ? 'whole' : 'chunk-end';
    return true;
  }

  #readChunkLine(): boolean {
    const line = this.#takeLine(MOST_CHUNK_LINE);
    if (line === undefined) return false;
    const [, digits] = CHUNK_LINE.exec(line) ?? [];
    if (digits === undefined) throw new UnreadableAnswer('a chunk without its length');
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
    return true;
  }

  #readChunkEnd(): boolean {
    const line = this.#takeLine(0);
    if (line === undefined) return false;
    this.#state = 'chunk-line';
    return true;
  }

  #readTrailer(): boolean {
    const line = this.#takeLine(MOST_HEAD_BYTES);
    if (line === undefined) return false;
    if (line === '') this.#state = 'whole';
    return true;
  }

  /** Without its end; undefined while that has not come. */
  #takeLine(most: number): string | undefined {
    const end = this.#unread.indexOf('\r\n');
    const length = end < 0 ? Math.max(0, this.#unread.length - 1) : end;
    if (length > most) throw new UnreadableAnswer('a line without an end');
    return end < 0 ? undefined : this.#take(end + 2).toString('latin1', 0, end);
  }

  #take(bytes: number): Buffer {
    const taken = this.#unread.subarray(0, bytes);
    this.#unread = this.#unread.subarray(bytes);
    return taken;
  }

  #keep(part: Buffer): void {
    if (this.#kept === undefined || this.#keptBytes > MOST_KEPT_BYTES || part.length === 0) return;
    this.#kept.push(part);
    this.#keptBytes += part.length;
  }
}

/** By name in lower case; of a name that is given again the values are joined, so that two lengths are no number. */
function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) throw new UnreadableAnswer('a header that is none');
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
