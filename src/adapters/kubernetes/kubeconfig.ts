import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { HarnessError, describeError } from '../../model/errors.ts';
import { SERVICE_ACCOUNT } from './service-account.ts';
import { checkKubeconfig, type KubeconfigDocument, type NamedUser } from './kubeconfig-shape.ts';

/** What one context of a kubeconfig says, with paths made absolute and files not yet read. */
export interface KubeTarget {
  /** For messages: the files that were read, or `the service account of this pod`. */
  readonly from: string;
  readonly context: string;
  /** Without a slash at the end. */
  readonly server: string;
  readonly verify: boolean;
  readonly caFile?: string;
  /** Base64 of PEM. */
  readonly caData?: string;
  readonly serverName?: string;
  readonly user: NamedUser['user'];
  /** The folder against which paths in `user` count. */
  readonly folder: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the only context of a service account is called here. */
const OWN_CONTEXT = 'in-cluster';

export interface KubeconfigChoice {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/**
 * Chooses a context as kubectl does: the file given, else those of KUBECONFIG, else `~/.kube/config`, else the pod's own
 * service account, which a folder that is given in place of a file names too. Where several files name the same thing, the first wins.
 * @throws SQ_KUBECONFIG naming file, contexts that exist, and remedy.
 */
export async function chooseContext(choice: KubeconfigChoice, environment: Environment): Promise<KubeTarget> {
  const files = filesOf(choice, environment);
  const [only] = files;
  if (files.length === 1 && only !== undefined && existsSync(join(only, 'token')))
    return serviceAccountTarget(only, choice.context, environment);
  const ownPod = choice.kubeconfig === undefined && environment['KUBECONFIG'] === undefined;
  const documents: { file: string; document: KubeconfigDocument }[] = [];
  for (const file of files) {
    try {
      documents.push({ file, document: await readKubeconfig(file) });
    } catch (error) {
      if (ownPod && isMissing(error) && environment['KUBERNETES_SERVICE_HOST'] !== undefined) {
        return serviceAccountTarget(SERVICE_ACCOUNT, choice.context, environment);
      }
      throw error;
    }
  }
  return targetOf(documents, choice.context);
}

function filesOf(choice: KubeconfigChoice, environment: Environment): string[] {
  if (choice.kubeconfig !== undefined) {
    // A lab hands on the whole of KUBECONFIG as one value; a file whose own name has the separator in it is that file.
    const given = choice.kubeconfig;
    return given.includes(delimiter) && !existsSync(given)
      ? given.split(delimiter).map((file) => resolve(file))
      : [resolve(given)];
  }
  const listed = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (listed.length > 0) return listed.map((file) => resolve(file));
  const home = environment['HOME'] ?? environment['USERPROFILE'];
  if (home !== undefined) return [join(home, '.kube', 'config')];
  throw new HarnessError(
    'SQ_KUBECONFIG',
    'No kubeconfig was named, and there is no home folder to look for one in.',
  );
}

/** @throws SQ_KUBECONFIG */
async function readKubeconfig(file: string): Promise<KubeconfigDocument> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const says = missing
      ? 'does not exist'
      : `could not be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`;
    throw new HarnessError('SQ_KUBECONFIG', `The kubeconfig ${file} ${says}.`, {
      cause,
      facts: { file, missing },
      remedy: missing
        ? 'Give `--kubeconfig` the path of one, set KUBECONFIG, or bring the lab up with `squall lab up`.'
        : 'Check the permissions of the file and that it is not a folder.',
    });
  }
  let document: unknown;
  try {
    // A kubeconfig is small; aliases that multiply are an attack or a mistake.
    document = parse(text, { maxAliasCount: 20 });
  } catch (cause) {
    throw broken(
      file,
      `is not YAML: ${(describeError(cause).split(' at line')[0] ?? '').slice(0, 120)}`,
      placeOf(cause),
    );
  }
  const problem = checkKubeconfig(document);
  if (problem !== undefined) throw broken(file, problem, '');
  return document as KubeconfigDocument;
}

/** The text of a YAML error quotes the file, and so maybe a token: only its place is kept. */
function placeOf(cause: unknown): string {
  const line = (cause as { linePos?: readonly { line: number }[] }).linePos?.[0]?.line;
  return line === undefined ? '' : ` at line ${line}`;
}

function broken(file: string, says: string, place: string): HarnessError {
  const kept = place === '' ? says : `is not YAML${place}`;
  return new HarnessError('SQ_KUBECONFIG', `The kubeconfig ${file} ${kept}.`, {
    facts: { file },
    remedy:
      'Compare it with the output of `kubectl config view`, or have it made again by whoever gave it to you.',
  });
}

const isMissing = (error: unknown): boolean =>
  error instanceof HarnessError && error.facts['missing'] === true;

function targetOf(
  documents: readonly { file: string; document: KubeconfigDocument }[],
  wanted: string | undefined,
): KubeTarget {
  const from = documents.map(({ file }) => file).join(', ');
  const contexts = documents.flatMap(({ document }) => document.contexts ?? []);
  const known = contexts.map((each) => each.name).sort();
  const name = wanted ?? documents.map(({ document }) => document['current-context']).find((each) => each);
  const list = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  const facts = { file: from, contexts: known };
  if (name === undefined) {
    throw new HarnessError(
      'SQ_KUBECONFIG',
      `The kubeconfig ${from} has no current context; of contexts, ${list}.`,
      {
        facts,
        remedy: 'Name one with `--context`.',
      },
    );
  }
  const context = contexts.find((each) => each.name === name)?.context;
  if (context === undefined) {
    throw new HarnessError('SQ_KUBECONFIG', `The kubeconfig ${from} has no context ${name}; ${list}.`, {
      facts,
      remedy: known.length === 0 ? 'Give another `--kubeconfig`.' : 'Name one of these with `--context`.',
    });
  }
  const cluster = find(documents, 'clusters', context.cluster);
  if (cluster === undefined) throw dangling(from, name, 'cluster', context.cluster, facts);
  const user = context.user === undefined ? undefined : find(documents, 'users', context.user);
  if (context.user !== undefined && user === undefined)
    throw dangling(from, name, 'user', context.user, facts);
  return assemble(from, name, cluster, user);
}

function dangling(from: string, context: string, kind: string, name: string, facts: object): HarnessError {
  const says = `In the kubeconfig ${from} the context ${context} names the ${kind} ${name}, which is not there.`;
  return new HarnessError('SQ_KUBECONFIG', says, { facts: { ...facts } });
}

interface Found<Entry> {
  readonly entry: Entry;
  readonly folder: string;
}

function find<Key extends 'clusters' | 'users'>(
  documents: readonly { file: string; document: KubeconfigDocument }[],
  key: Key,
  name: string,
): Found<NonNullable<KubeconfigDocument[Key]>[number]> | undefined {
  for (const { file, document } of documents) {
    const entries: readonly NonNullable<KubeconfigDocument[Key]>[number][] = document[key] ?? [];
    const entry = entries.find((each) => each.name === name);
    if (entry !== undefined) return { entry, folder: dirname(file) };
  }
  return undefined;
}

function assemble(
  from: string,
  context: string,
  cluster: Found<NonNullable<KubeconfigDocument['clusters']>[number]>,
  user: Found<NamedUser> | undefined,
): KubeTarget {
  const said = cluster.entry.cluster;
  const verify = said['insecure-skip-tls-verify'] !== true;
  const server = said.server.replace(/\/+$/, '');
  checkServer(from, context, server, verify, said['proxy-url']);
  const caFile = said['certificate-authority'];
  const caData = said['certificate-authority-data'];
  const serverName = said['tls-server-name'];
  return {
    from,
    context,
    server,
    verify,
    ...(caFile === undefined ? {} : { caFile: resolve(cluster.folder, caFile) }),
    ...(caData === undefined ? {} : { caData }),
    ...(serverName === undefined ? {} : { serverName }),
    user: user?.entry.user ?? {},
    folder: user?.folder ?? cluster.folder,
  };
}

function checkServer(
  from: string,
  context: string,
  server: string,
  verify: boolean,
  proxy: string | undefined,
): void {
  const where = `In the kubeconfig ${from} the server of the context ${context}`;
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new HarnessError('SQ_KUBECONFIG', `${where} is not a URL that begins with https://.`);
  }
  // Also where a slash in the password makes a path of it.
  if (server.includes('@')) {
    throw new HarnessError(
      'SQ_KUBECONFIG',
      `${where} holds a user or a password, which every message about it would show.`,
      { remedy: 'Take them out of the URL; credentials have fields of their own under `users`.' },
    );
  }
  if (url.protocol === 'http:' && verify) {
    throw new HarnessError(
      'SQ_KUBECONFIG',
      `${where} is reached in plain HTTP, which the file does not allow.`,
      {
        remedy:
          'Use the https:// address, or say `insecure-skip-tls-verify: true` for a server on a network that you trust.',
      },
    );
  }
  if (proxy !== undefined && proxy !== '') {
    throw new HarnessError(
      'SQ_KUBECONFIG',
      `${where} is to be reached through a proxy-url, which Squall does not use.`,
      {
        remedy:
          'Run Squall where the server can be reached directly: a proxy in between would be measured as well.',
      },
    );
  }
}

/** What a pod is told of its cluster: the address in its environment, token and authority in the folder. */
function serviceAccountTarget(
  folder: string,
  wanted: string | undefined,
  environment: Environment,
): KubeTarget {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined) {
    const says = `${folder} is a pod's service account, and KUBERNETES_SERVICE_HOST does not say of which cluster.`;
    throw new HarnessError('SQ_KUBECONFIG', says, {
      facts: { file: folder },
      remedy: 'Give a kubeconfig, or run in a pod of that cluster.',
    });
  }
  if (wanted !== undefined && wanted !== OWN_CONTEXT) {
    throw new HarnessError('SQ_KUBECONFIG', `A service account has no context ${wanted}.`, {
      facts: { file: folder, contexts: [OWN_CONTEXT] },
      remedy: 'Leave `--context` out, or give the kubeconfig that has it.',
    });
  }
  return {
    from: 'the service account of this pod',
    context: OWN_CONTEXT,
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    verify: true,
    caFile: join(folder, 'ca.crt'),
    user: { tokenFile: join(folder, 'token') },
    folder,
  };
}
