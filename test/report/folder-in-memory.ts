import type { RunFolder } from '../../src/ports/run-folder.ts';

/** A run folder that keeps what is written, and refuses the names that it is told to refuse. */
export function folderInMemory(refused: readonly string[] = []): {
  folder: RunFolder;
  files: Map<string, string>;
} {
  const files = new Map<string, string>();
  const nothing = (): never => {
    throw new Error('Reports read nothing.');
  };
  const folder: RunFolder = {
    path: '/run',
    write(name, content) {
      if (refused.includes(name)) return Promise.reject(new Error('The disk is full.'));
      files.set(name, typeof content === 'string' ? content : JSON.stringify(content));
      return Promise.resolve();
    },
    append: nothing,
    flush: nothing,
    read: nothing,
    readText: nothing,
    readJson: nothing,
    readLines: nothing,
    list: nothing,
  };
  return { folder, files };
}
