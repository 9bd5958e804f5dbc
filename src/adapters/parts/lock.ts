import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { describeError, HarnessError } from '../../model/errors.ts';

const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]*$/, 'is a name of lower-case letters, digits, dots and dashes');
const Version = z.string().regex(/^\d+\.\d+\.\d+([-+.][0-9A-Za-z.-]+)?$/, 'is a version such as 1.36.3');
const Sum = z.string().regex(/^[0-9a-f]{64}$/, 'is a sha256 sum: 64 lower-case hexadecimal digits');
// Sums that come over a connection anybody may change prove nothing; only a server on this machine may do without TLS.
const Url = z.string().regex(/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])\S+$/, 'is an https URL');

const Release = z.strictObject({
  url: Url,
  sums: Url,
  member: z.string().min(1).optional(),
  pinned: z.record(z.string(), Sum).default({}),
});

const Build = z.strictObject({
  module: z.string().min(1),
  packages: z.record(Name, z.string().min(1)),
  // What Go makes of a package: its program, or the program that runs its tests.
  makes: z.enum(['program', 'tests']).default('program'),
  variables: z.record(z.string(), z.string()).default({}),
});

const Part = z
  .strictObject({
    name: Name,
    version: Version,
    binaries: z.record(Name, z.strictObject({ shows: z.array(z.string()).min(1) })),
    release: Release.optional(),
    build: Build,
    // Needed only where the lab carries a cloud, or only by a bench; then no lab is made of it.
    only: z.enum(['cloud', 'bench']).optional(),
  })
  .superRefine(({ binaries, build }, context) => {
    for (const binary of Object.keys(binaries)) {
      if (build.packages[binary] !== undefined) continue;
      context.addIssue({ code: 'custom', path: ['build', 'packages', binary], message: 'is missing' });
    }
  });

const Image = z.strictObject({
  name: z.string().regex(/^\S+:\S+$/, 'is a name with a tag'),
  ours: z.boolean().default(false),
  layers: z.array(z.string()).default([]),
  files: z.record(z.string().startsWith('/'), Name),
  entrypoint: z.array(z.string()).min(1),
});

const LockFile = z
  .strictObject({
    format: z.literal(1, { error: 'is 1: this file is of a format that this Squall does not know' }),
    parts: z.array(Part).min(1),
    node: z.strictObject({ base: z.string().min(1), suite: Name, binaries: z.array(Name).min(1) }),
    images: z.array(Image),
    cloud: z.strictObject({ image: z.string().regex(/^\S+:\S+$/, 'is a name with a tag') }),
  })
  .superRefine(({ parts, node, images }, context) => {
    const known = new Set(parts.flatMap(({ binaries }) => Object.keys(binaries)));
    const need = (binary: string, path: (string | number)[]): void => {
      if (known.has(binary)) return;
      context.addIssue({ code: 'custom', path, message: `names ${binary}, which no part has` });
    };
    node.binaries.forEach((binary, index) => need(binary, ['node', 'binaries', index]));
    images.forEach(({ files }, index) => {
      for (const [to, binary] of Object.entries(files)) need(binary, ['images', index, 'files', to]);
    });
  });

/** One program or a few of one origin and version. */
export type Part = z.infer<typeof Part>;
export type Release = z.infer<typeof Release>;
export type Build = z.infer<typeof Build>;
/** What is in one image of the cluster. */
export type ImageSpec = z.infer<typeof Image>;

/** The lock file, checked. */
export interface Lock {
  /** The folder that holds it; modules and the node's files are looked for there. */
  readonly folder: string;
  /** In the order of need. */
  readonly parts: readonly Part[];
  readonly node: { readonly base: string; readonly suite: string; readonly binaries: readonly string[] };
  readonly images: readonly ImageSpec[];
  /** The image of the cloud's services, as the charts call it. */
  readonly cloud: { readonly image: string };
}

/** What binaries are for. Nodes are Linux, on the processor of this machine. */
export interface Platform {
  readonly os: 'linux';
  readonly arch: 'amd64' | 'arm64';
}

/**
 * Reads the file of versions and checksums.
 * @throws SQ_PARTS that lists every mistake with its line.
 */
export function loadLock(path: string): Lock {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new HarnessError(
      'SQ_PARTS',
      `The lock file of the parts cannot be read: ${describeError(error)}.`,
      {
        cause: error,
      },
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) throw mistakes(path, [`${path}:${lines.linePos(broken.pos[0]).line} ${describeError(broken)}`]);
  const checked = LockFile.safeParse(document.toJS());
  if (checked.success) return { folder: dirname(path), ...checked.data };
  throw mistakes(
    path,
    checked.error.issues.map(({ path: place, message }) => {
      const line = lineOf(document, place as (string | number)[], lines);
      return `${path}:${line} ${place.join('.') || 'the file'}: ${message}`;
    }),
  );
}

function mistakes(path: string, list: readonly string[]): HarnessError {
  return new HarnessError('SQ_PARTS', `The lock file ${path} has mistakes:\n${list.join('\n')}`, {
    remedy: 'Mend the places that are named, or take the file from the release again.',
  });
}

/** The line of the deepest place of the path that exists. */
function lineOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly (string | number)[],
  lines: LineCounter,
): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** The names of the parts that a lab is made of: what only a bench asks for is none, and some are for a cloud alone. */
export function partsOfLab({ parts }: Lock, cloud: boolean): readonly string[] {
  return parts
    .filter(({ only }) => only === undefined || (only === 'cloud' && cloud))
    .map(({ name }) => name);
}

/** Replaces `{version}`, `{major}`, `{minor}`, `{os}`, `{arch}` and `{binary}`. */
export function fill(template: string, part: Part, platform: Platform, binary = ''): string {
  const [major = '', minor = ''] = part.version.split('.');
  const values: Readonly<Record<string, string>> = {
    version: part.version,
    major,
    minor,
    ...platform,
    binary,
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** The platform of this machine's nodes. @throws SQ_PARTS when the parts are not made for its processor. */
export function hostPlatform(architecture: string = process.arch): Platform {
  const arch = { x64: 'amd64', arm64: 'arm64' }[architecture];
  if (arch === 'amd64' || arch === 'arm64') return { os: 'linux', arch };
  throw new HarnessError('SQ_PARTS', `The parts of the reference lab are not made for ${architecture}.`, {
    remedy: 'Use a machine with an x86-64 or arm64 processor.',
  });
}

/** A short name for contents: equal lists of texts give equal keys. */
export function contentKey(contents: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of contents) hash.update(`${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex').slice(0, 16);
}
