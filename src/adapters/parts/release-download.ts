import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Dispatcher, Response } from 'undici';
import { formatDuration } from '../../model/duration.ts';
import { describeError } from '../../model/errors.ts';
import { findSum } from './checksums.ts';
import { elapsed } from './elapsed.ts';
import { fill } from './lock.ts';
import type { Part, Release } from './lock.ts';
import type { PartFolder } from './part-folder.ts';
import type { Source, SourceTools } from './source.ts';
import { unpackInto } from './unpack.ts';

export interface ReleaseOptions {
  /** How long a connection, an answer or the next piece of a body may take. Default 15 s. */
  readonly patienceMs?: number;
  /** Authorities to trust instead of the system's, in PEM; for tests with a server of their own. */
  readonly authorities?: string;
}

/** A file that breaks off or a server that is unwell is asked for once more. */
const ATTEMPTS = 2;

/** Files of sums are short; what is longer is something else. */
const LONGEST_SUMS = 1 << 20;

/** Why a file was not had, and whether asking this host again makes sense. */
class Refusal extends Error {
  readonly again: boolean;
  readonly unreachable: boolean;

  constructor(message: string, { again = false, unreachable = false } = {}) {
    super(message);
    this.again = again;
    this.unreachable = unreachable;
  }
}

/**
 * Has parts from their publishers over HTTPS, also through the proxy that HTTPS_PROXY names. A file is taken only when its
 * sha256 sum is the pinned one of the lock or, where none is pinned, the one in the publisher's own file of sums. A host
 * that cannot be reached is not asked again by the same source.
 */
export function releaseDownload({ patienceMs = 15_000, authorities }: ReleaseOptions = {}): Source {
  const unreachable = new Map<string, string>();
  return {
    origin: 'release',
    async fetch(part, folder, tools, signal) {
      const { release } = part;
      if (!release) return 'it has no publisher';
      const trust = authorities === undefined ? {} : { ca: authorities };
      const dispatcher = new EnvHttpProxyAgent({
        connect: { timeout: patienceMs, ...trust },
        headersTimeout: patienceMs,
        bodyTimeout: patienceMs,
      });
      try {
        return await download(new Getter(dispatcher, unreachable, tools, signal), part, release, folder);
      } finally {
        await dispatcher.destroy();
      }
    },
  };
}

async function download(
  getter: Getter,
  part: Part,
  release: Release,
  folder: PartFolder,
): Promise<string | undefined> {
  const { tools, signal } = getter;
  try {
    if (release.member !== undefined) {
      const archive = folder.temporary('archive');
      try {
        await getter.file(fill(release.url, part, tools.platform), sumOf(part, release, '', getter), archive);
        return await unpackInto(archive, part, folder, 'release', tools, signal);
      } finally {
        rmSync(archive, { force: true });
      }
    }
    for (const binary of folder.missing()) {
      const file = folder.temporary(binary);
      try {
        await getter.file(
          fill(release.url, part, tools.platform, binary),
          sumOf(part, release, binary, getter),
          file,
        );
        const wrong = await folder.settle(binary, file, 'release', signal);
        if (wrong !== undefined) return wrong;
      } finally {
        rmSync(file, { force: true });
      }
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return describeError(error);
  }
}

/** Pinned in the lock, or said by the publisher. */
function sumOf(part: Part, release: Release, binary: string, getter: Getter): () => Promise<string> {
  const { platform } = getter.tools;
  const file = basename(fill(release.url, part, platform, binary));
  return async () => {
    const pinned = release.pinned[file];
    if (pinned !== undefined) return pinned;
    const url = fill(release.sums, part, platform, binary);
    const sum = findSum(await getter.text(url), file);
    if (sum === undefined) throw new Refusal(`${url} holds no sha256 sum of ${file}`);
    getter.tools.report(`${file}: its sum is not pinned; taking the publisher's from ${url}`);
    return sum;
  };
}

/** Asks publishers for files, each at most `ATTEMPTS` times. */
class Getter {
  readonly tools: SourceTools;
  readonly signal: AbortSignal;
  readonly #dispatcher: Dispatcher;
  readonly #unreachable: Map<string, string>;

  constructor(
    dispatcher: Dispatcher,
    unreachable: Map<string, string>,
    tools: SourceTools,
    signal: AbortSignal,
  ) {
    this.#dispatcher = dispatcher;
    this.#unreachable = unreachable;
    this.tools = tools;
    this.signal = signal;
  }

  text(url: string): Promise<string> {
    return this.#again(url, async (answer) => {
      let text = '';
      for await (const piece of answer.body ?? []) {
        text += Buffer.from(piece as Uint8Array).toString('latin1');
        if (text.length > LONGEST_SUMS) throw new Refusal(`${url} is too long for a file of sums`);
      }
      return text;
    });
  }

  async file(url: string, expected: () => Promise<string>, path: string): Promise<void> {
    const sum = await expected();
    const since = elapsed(this.tools.clock);
    const { found, bytes } = await this.#again(url, (answer) => this.#save(answer, path));
    if (found !== sum) {
      throw new Refusal(`${url} has the sha256 sum ${found} instead of ${sum}, so it was thrown away`);
    }
    const megabytes = (bytes / 1e6).toFixed(1);
    this.tools.report(
      `${basename(url)}: ${megabytes} MB downloaded in ${formatDuration(since())}, its sum is right`,
    );
  }

  async #save(answer: Response, path: string): Promise<{ found: string; bytes: number }> {
    const hash = createHash('sha256');
    let bytes = 0;
    const file = await open(path, 'w');
    try {
      for await (const piece of answer.body ?? []) {
        hash.update(piece as Uint8Array);
        bytes += (piece as Uint8Array).length;
        await file.writeFile(piece as Uint8Array);
      }
    } finally {
      await file.close();
    }
    const said = Number(answer.headers.get('content-length') ?? bytes);
    if (answer.headers.get('content-encoding') === null && said !== bytes) {
      throw new Refusal(`${answer.url} broke off after ${bytes} of ${said} bytes`, { again: true });
    }
    return { found: hash.digest('hex'), bytes };
  }

  async #again<T>(url: string, take: (answer: Response) => Promise<T>): Promise<T> {
    const { host } = new URL(url);
    for (let attempt = 1; ; attempt += 1) {
      const known = this.#unreachable.get(host);
      if (known !== undefined) throw new Refusal(known);
      try {
        return await take(await this.#ask(url));
      } catch (error) {
        this.signal.throwIfAborted();
        const refusal = error instanceof Refusal ? error : translate(url, error);
        if (refusal.unreachable) this.#unreachable.set(host, refusal.message);
        if (!refusal.again || attempt >= ATTEMPTS) throw refusal;
        this.tools.report(`${refusal.message}; asking once more`);
      }
    }
  }

  async #ask(url: string): Promise<Response> {
    const answer = await fetch(url, { dispatcher: this.#dispatcher, signal: this.signal });
    if (answer.ok) {
      if (new URL(url).protocol === 'https:' && new URL(answer.url).protocol !== 'https:') {
        await answer.body?.cancel();
        throw new Refusal(`${url} leads away from HTTPS, to ${answer.url}`);
      }
      return answer;
    }
    await answer.body?.cancel();
    throw new Refusal(`${url} answers ${answer.status} ${answer.statusText}`.trim(), {
      again: answer.status >= 500,
    });
  }
}

/** What the network says, in words; connections that were never made tell about the host, others about this answer. */
function translate(url: string, error: unknown): Refusal {
  const { host } = new URL(url);
  const { cause = error } = error as { cause?: unknown };
  const { code = '' } = cause as { code?: string };
  const why = describeError(cause);
  if (/TIMEOUT$/.test(code) && code !== 'UND_ERR_CONNECT_TIMEOUT') {
    return new Refusal(`${url} stopped answering`, { again: true });
  }
  if (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return new Refusal(`${url} broke off: ${why}`, { again: true });
  }
  return new Refusal(`${host} cannot be reached: ${code || why}`, { unreachable: true });
}
