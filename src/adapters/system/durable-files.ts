import { mkdir, open } from 'node:fs/promises';

/** One file that is only ever added to. */
export interface DurableFile {
  /** Adds all of it, or throws; then a part of it may be there. */
  write(text: string): Promise<void>;
  /** Returns once what was written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The part of a file system that a journal stands on, so that a test can bring one that breaks. */
export interface DurableFiles {
  /** Makes a folder and those above it. @returns the first that was made; undefined when all were there. */
  makeFolder(path: string): Promise<string | undefined>;
  /** @throws an error with the code EEXIST when there is one. */
  create(path: string): Promise<DurableFile>;
  /** Returns once the names in a folder are on the disk. */
  syncFolder(path: string): Promise<void>;
}

/** The file system of this machine. */
export const durableFiles: DurableFiles = {
  makeFolder: (path) => mkdir(path, { recursive: true, mode: 0o700 }),
  async create(path) {
    const file = await open(path, 'ax', 0o600);
    return {
      write: (text) => file.writeFile(text),
      sync: () => file.datasync(),
      close: () => file.close(),
    };
  },
  async syncFolder(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
