import { join } from 'node:path';
import { formatDuration } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { elapsed } from './elapsed.ts';
import { sourceKey } from './source-key.ts';
import { hostPlatform } from './lock.ts';
import type { Lock, Part, Platform } from './lock.ts';
import { PartFolder } from './part-folder.ts';
import type { PartBinary } from './part-folder.ts';
import type { Source, SourceTools } from './source.ts';
import { lookInFolder, takeGiven } from './user-folder.ts';

export interface PartsOptions {
  readonly lock: Lock;
  /** Squall's cache folder; parts lie below `parts` in it. */
  readonly cacheFolder: string;
  /** A folder that the user filled; what it holds wins over everything. */
  readonly userFolder?: string;
  /** Asked in this order for what is neither given nor cached. */
  readonly sources: readonly Source[];
  /** Default: that of this machine. */
  readonly platform?: Platform;
  readonly clock: Clock;
  readonly report: (says: string) => void;
}

/** A binary and how this call came by it. */
export interface EnsuredBinary extends PartBinary {
  readonly how: 'folder' | 'cache' | 'release' | 'build';
}

/**
 * Has every binary of the named parts on disk, in the order of the lock. What was finished stays when the call fails or is
 * stopped, and nothing unfinished ever has a final name.
 * @returns the binaries by name.
 * @throws SQ_PARTS when one cannot be had, with what each source said; the signal's reason.
 */
export async function ensureParts(
  names: readonly string[],
  options: PartsOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, EnsuredBinary>> {
  const { lock, clock, report } = options;
  const unknown = names.filter((name) => !lock.parts.some((part) => part.name === name));
  if (unknown.length > 0) throw new HarnessError('SQ_PARTS', `The lock has no part ${unknown.join(', ')}.`);
  const tools: SourceTools = { lock, clock, report, platform: options.platform ?? hostPlatform() };
  const ensured = new Map<string, EnsuredBinary>();
  for (const part of lock.parts.filter(({ name }) => names.includes(name))) {
    signal.throwIfAborted();
    for (const binary of await ensurePart(part, options, tools, signal)) ensured.set(binary.name, binary);
  }
  return ensured;
}

async function ensurePart(
  part: Part,
  options: PartsOptions,
  tools: SourceTools,
  signal: AbortSignal,
): Promise<readonly EnsuredBinary[]> {
  const since = elapsed(tools.clock);
  const given =
    options.userFolder === undefined ? undefined : lookInFolder(options.userFolder, part, tools.platform);
  const folder = partFolder(part, options, tools, given?.key);
  const cached = folder.recorded();
  if (cached) return cached.map((binary) => ({ ...binary, how: 'cache' }));
  folder.removeDamaged();
  const before = new Set(Object.keys(part.binaries).filter((name) => !folder.missing().includes(name)));
  if (given) await takeGiven(given, part, folder, tools, signal);
  else await askSources(part, folder, options.sources, tools, signal);
  const all = await folder.finish(signal);
  const megabytes = (all.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(0);
  tools.report(
    `${part.name} ${part.version}: ${all.length} programs, ${megabytes} MB, after ${formatDuration(since())}`,
  );
  return all.map((binary) => ({
    ...binary,
    how: before.has(binary.name) || binary.origin === 'earlier' ? 'cache' : binary.origin,
  }));
}

/** Our own sources have no release that their version would pin, so the cache is keyed by what they are. */
function partFolder(
  part: Part,
  options: PartsOptions,
  tools: SourceTools,
  given: string | undefined,
): PartFolder {
  const { os, arch } = tools.platform;
  const own = part.release ? undefined : sourceKey(join(tools.lock.folder, part.build.module)).slice(0, 8);
  const marks = [own, given && `given-${given}`].filter((mark) => mark !== undefined);
  const name = [part.name, part.version, os, arch, ...marks].join('-');
  return new PartFolder(join(options.cacheFolder, 'parts', name), part, tools.platform, tools.clock);
}

async function askSources(
  part: Part,
  folder: PartFolder,
  sources: readonly Source[],
  tools: SourceTools,
  signal: AbortSignal,
): Promise<void> {
  const said: string[] = [];
  for (const source of sources.filter(({ origin }) => origin !== 'release' || part.release)) {
    if (folder.missing().length === 0) return;
    const why = await source.fetch(part, folder, tools, signal);
    signal.throwIfAborted();
    if (why === undefined) continue;
    said.push(`${source.origin}: ${why}`);
    tools.report(`${part.name} ${part.version} not by ${source.origin}: ${why}`);
  }
  const missing = folder.missing();
  if (missing.length === 0) return;
  throw new HarnessError(
    'SQ_PARTS',
    `${missing.join(', ')} of ${part.name} ${part.version} could not be had. ${said.join('; ')}.`,
    { facts: { part: part.name, version: part.version, missing } },
  );
}
