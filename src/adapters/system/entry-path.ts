import { fileURLToPath } from 'node:url';

/** Programs of Squall's own that run as a process or thread of their own. */
export type EntryName =
  'control-target' | 'lane' | 'prober' | 'reaper' | 'rehearsal-node' | 'rehearsal-address';

/** How to start one with Node. */
export interface EntryPath {
  readonly path: string;
  /** Options that must stand before the path: the TypeScript loader, where the sources run as they are. */
  readonly execArgv: readonly string[];
}

/**
 * Finds an entry beside this very module: compiled from `dist`, or as TypeScript with the loader that already runs us. What a
 * user's Node was started with otherwise (an inspector, a profiler) is not handed on.
 */
export function entryPath(name: EntryName): EntryPath {
  const compiled = import.meta.url.endsWith('.js');
  const url = new URL(`../../entries/${name}.${compiled ? 'js' : 'ts'}`, import.meta.url);
  return { path: fileURLToPath(url), execArgv: compiled ? [] : ['--import', 'tsx'] };
}
