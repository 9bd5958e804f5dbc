import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What all commands of one lab must agree on; written before anything is made. */
export interface LabLayout {
  readonly id: string;
  /** What the lab is made of; a snapshot of the same key is the same lab. */
  readonly key: string;
  readonly image: string;
  /** The image for pods of suites, which is on every node. */
  readonly testImage: string;
  /** Lets nodes join. */
  readonly token: string;
  /** The process that brings it up, for people. */
  readonly pid: number;
  readonly since: string;
}

/** A thing on this host, written down before it is made, so that `down` finds it whatever happens in between. */
export type Thing =
  | { readonly kind: 'forwarding'; readonly was: boolean }
  | { readonly kind: 'disk' | 'network' | 'route' | 'container' | 'group' | 'volume'; readonly name: string };

export const layoutFile = (folder: string): string => join(folder, 'lab.json');
export const thingsFile = (folder: string): string => join(folder, 'things.ndjson');
export const kubeconfigFile = (folder: string): string => join(folder, 'kubeconfig');
/** There only when the lab carries a cloud. */
export const cloudsYamlFile = (folder: string): string => join(folder, 'clouds.yaml');
export const diskFolder = (folder: string): string => join(folder, 'disk');
export const logsFolder = (folder: string): string => join(folder, 'logs');

export function writeLayout(folder: string, layout: LabLayout): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeWhole(layoutFile(folder), `${JSON.stringify(layout, null, 2)}\n`);
}

export function readLayout(folder: string): LabLayout | undefined {
  return readJson<LabLayout>(layoutFile(folder));
}

/** On the disk when it returns. */
export function noteThing(folder: string, thing: Thing): void {
  const file = openSync(thingsFile(folder), 'a', 0o600);
  try {
    writeSync(file, `${JSON.stringify(thing)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** In the order in which they were made; a line that was cut off is none, and its thing was not made. */
export function readThings(folder: string): readonly Thing[] {
  let text: string;
  try {
    text = readFileSync(thingsFile(folder), 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Thing];
    } catch {
      return [];
    }
  });
}

/** Whole or not at all, and for its owner only. */
export function writeWhole(file: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.part`, text, { mode });
  renameSync(`${file}.part`, file);
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
