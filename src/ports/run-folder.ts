/** The folder of one run, by names relative to it. Errors are `SQ_RUN_FOLDER` on writing, `SQ_RUN_UNREADABLE` on reading. */
export interface RunFolder {
  /** Absolute path, for people and for programs that write their own segments. */
  readonly path: string;
  /** Replaces the file as a whole, or leaves it as it was. Objects are written as JSON with sorted keys. */
  write(name: string, content: string | Uint8Array | object): Promise<void>;
  /** Adds one line of JSON; it is on its way to the disk when this returns. */
  append(name: string, line: object): void;
  /** Waits until all appended lines are written. */
  flush(): Promise<void>;
  /** undefined when there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  readText(name: string): Promise<string | undefined>;
  /** Parsed JSON. @throws SQ_RUN_UNREADABLE naming file and place when it does not parse. */
  readJson<T>(name: string): Promise<T | undefined>;
  /** Lines of JSON; a torn last line is left out. */
  readLines<T>(name: string): Promise<readonly T[]>;
  /** Names below a prefix, sorted. */
  list(prefix: string): Promise<readonly string[]>;
}
