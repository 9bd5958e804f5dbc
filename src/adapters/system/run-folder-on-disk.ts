import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describeError, HarnessError } from '../../model/errors.ts';
import type { RunFolder } from '../../ports/run-folder.ts';
import { canonicalJson } from './canonical-json.ts';

/** A run folder on the local disk. It is made with its first file. */
export class RunFolderOnDisk implements RunFolder {
  readonly path: string;
  readonly #appending = new Map<string, Promise<void>>();
  #trouble: HarnessError | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  async write(name: string, content: string | Uint8Array | object): Promise<void> {
    const target = this.#inside(name);
    const bytes =
      typeof content === 'string' || content instanceof Uint8Array ? content : canonicalJson(content);
    const half = `${target}.half`;
    try {
      await mkdir(dirname(target), { recursive: true });
      const file = await open(half, 'w');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(half, target);
    } catch (error) {
      await rm(half, { force: true }).catch(() => undefined);
      throw this.#cannotWrite(name, error);
    }
  }

  append(name: string, line: object): void {
    const before = this.#appending.get(name) ?? Promise.resolve();
    this.#appending.set(
      name,
      before.then(async () => {
        if (this.#trouble !== undefined) return;
        try {
          await this.#appendLine(this.#inside(name), `${JSON.stringify(line)}\n`);
        } catch (error) {
          this.#trouble = this.#cannotWrite(name, error);
        }
      }),
    );
  }

  async flush(): Promise<void> {
    await Promise.all(this.#appending.values());
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#inside(name));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw new HarnessError(
        'SQ_RUN_UNREADABLE',
        `${name} in ${this.path} cannot be read: ${describeError(error)}.`,
        {
          cause: error,
        },
      );
    }
  }

  async readText(name: string): Promise<string | undefined> {
    const bytes = await this.read(name);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  async readJson<T>(name: string): Promise<T | undefined> {
    const text = await this.readText(name);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new HarnessError(
        'SQ_RUN_UNREADABLE',
        `${name} in ${this.path} is not whole: ${describeError(error)}.`,
        { cause: error },
      );
    }
  }

  async readLines<T>(name: string): Promise<readonly T[]> {
    const lines = ((await this.readText(name)) ?? '').split('\n');
    // What follows the last newline is a line that was being written when the harness died.
    lines.pop();
    return lines.map((line, index) => {
      try {
        return JSON.parse(line) as T;
      } catch (error) {
        const place = `${name}:${index + 1} in ${this.path}`;
        throw new HarnessError('SQ_RUN_UNREADABLE', `${place} is not whole: ${describeError(error)}.`, {
          cause: error,
        });
      }
    });
  }

  async list(prefix: string): Promise<readonly string[]> {
    const names = await readdir(this.path, { recursive: true, withFileTypes: true }).catch(
      (error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      },
    );
    return names
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.path, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((name) => name.startsWith(prefix))
      .sort();
  }

  async #appendLine(target: string, line: string): Promise<void> {
    let file: FileHandle;
    try {
      file = await open(target, 'a');
    } catch (error) {
      if (!isMissing(error)) throw error;
      await mkdir(dirname(target), { recursive: true });
      file = await open(target, 'a');
    }
    try {
      await file.writeFile(line);
    } finally {
      await file.close();
    }
  }

  #inside(name: string): string {
    const target = resolve(this.path, name);
    if (!target.startsWith(this.path + sep)) {
      throw new HarnessError('SQ_INTERNAL', `The name ${name} leads out of the run folder ${this.path}.`);
    }
    return target;
  }

  #cannotWrite(name: string, error: unknown): HarnessError {
    if (error instanceof HarnessError) return error;
    return new HarnessError(
      'SQ_RUN_FOLDER',
      `${name} cannot be written in ${this.path}: ${describeError(error)}.`,
      {
        cause: error,
      },
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
