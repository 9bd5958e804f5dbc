import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostPlatform } from '../../../src/adapters/parts/index.ts';
import type { EnsuredBinary, Lock, Part, PartsOptions, Source } from '../../../src/adapters/parts/index.ts';
import { ensureParts } from '../../../src/adapters/parts/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** A program that says its version, as long as the real ones are not. */
export const program = (version: string, more = ''): string => `#!/bin/sh\necho "v${version}"\n# ${more}\n`;

/** A part of two programs, published one by one under `url`. */
export const toolPart = (url: string, pinned: Record<string, string> = {}): Part => ({
  name: 'tool',
  version: '1.2.3',
  binaries: { hammer: { shows: ['version'] }, saw: { shows: ['version'] } },
  release: {
    url: `${url}/v{version}/{arch}/{binary}`,
    sums: `${url}/v{version}/{arch}/{binary}.sha256`,
    pinned,
  },
  build: {
    module: 'tool',
    makes: 'program',
    packages: { hammer: 'example.test/hammer', saw: 'example.test/saw' },
    variables: { 'x.version': 'v{version}' },
  },
});

/** Temporary folders of one test: a cache, a user's folder, and one for programs. */
export class Workbench {
  readonly folder = mkdtempSync(join(tmpdir(), 'squall-parts-'));
  readonly cache = join(this.folder, 'cache');
  readonly given = join(this.folder, 'given');
  readonly said: string[] = [];
  readonly #stop = new AbortController();

  constructor() {
    mkdirSync(this.given);
    mkdirSync(join(this.folder, 'reference', 'tool'), { recursive: true });
    writeFileSync(join(this.folder, 'reference', 'tool', 'go.mod'), 'module example.test/tool\n');
  }

  lock(...parts: Part[]): Lock {
    return {
      folder: join(this.folder, 'reference'),
      parts,
      node: { base: 'base', suite: 'suite', binaries: ['hammer'] },
      images: [],
      cloud: { image: 'localhost/cloud:1.0' },
    };
  }

  ensure(
    part: Part,
    sources: readonly Source[],
    options: Partial<PartsOptions> = {},
  ): Promise<ReadonlyMap<string, EnsuredBinary>> {
    return ensureParts(
      [part.name],
      {
        lock: this.lock(part),
        cacheFolder: this.cache,
        sources,
        clock: createSystemClock(),
        report: (says) => this.said.push(says),
        ...options,
      },
      this.#stop.signal,
    );
  }

  stop(): void {
    this.#stop.abort(new Error('stopped by the test'));
  }

  /** The files of the part's folder in the cache; none when there is no such folder. */
  cached(part: Part): readonly string[] {
    const { os, arch } = hostPlatform();
    try {
      return readdirSync(join(this.cache, 'parts', `${part.name}-${part.version}-${os}-${arch}`)).sort();
    } catch {
      return [];
    }
  }

  /** Writes an executable script and returns its path. */
  script(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, `#!/bin/bash\n${text}`);
    chmodSync(path, 0o755);
    return path;
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A source that has nothing and remembers whether it was asked. */
export function emptySource(): Source & { asked: number } {
  return {
    origin: 'build',
    asked: 0,
    async fetch() {
      this.asked += 1;
      return 'it has nothing';
    },
  };
}

export async function rejectionOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('It was fulfilled.');
}
