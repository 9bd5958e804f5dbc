/** The parts of a kubeconfig that Squall reads, named as in the file. */
export interface KubeconfigDocument {
  readonly 'current-context'?: string;
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user?: string };
  }[];
  readonly clusters?: readonly {
    readonly name: string;
    readonly cluster: {
      readonly server: string;
      readonly 'certificate-authority'?: string;
      readonly 'certificate-authority-data'?: string;
      readonly 'insecure-skip-tls-verify'?: boolean;
      readonly 'tls-server-name'?: string;
      readonly 'proxy-url'?: string;
    };
  }[];
  readonly users?: readonly NamedUser[];
}

export interface NamedUser {
  readonly name: string;
  readonly user: {
    readonly token?: string;
    readonly tokenFile?: string;
    readonly username?: string;
    readonly password?: string;
    readonly 'client-certificate'?: string;
    readonly 'client-certificate-data'?: string;
    readonly 'client-key'?: string;
    readonly 'client-key-data'?: string;
    readonly as?: string;
    readonly exec?: object;
    readonly 'auth-provider'?: object;
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  contexts: ['cluster', 'user'],
  clusters: ['server', 'certificate-authority', 'certificate-authority-data', 'tls-server-name', 'proxy-url'],
  users: [
    'token',
    'tokenFile',
    'username',
    'password',
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
    'as',
  ],
};

const REQUIRED: Readonly<Record<string, string | undefined>> = { contexts: 'cluster', clusters: 'server' };

/** The first thing that is not as a kubeconfig should be, as the end of a sentence; undefined when all is well. Quotes no values. */
export function checkKubeconfig(document: unknown): string | undefined {
  if (document === null || document === undefined) return 'is empty';
  if (!isRecord(document))
    return 'is not a kubeconfig: it should be a mapping with clusters, users and contexts';
  if (document['current-context'] !== undefined && typeof document['current-context'] !== 'string') {
    return 'is not a kubeconfig: current-context should be a text';
  }
  for (const [list, single] of [
    ['contexts', 'context'],
    ['clusters', 'cluster'],
    ['users', 'user'],
  ] as const) {
    const problem = checkList(document[list], list, single);
    if (problem !== undefined) return `is not a kubeconfig: ${problem}`;
  }
  return undefined;
}

function checkList(entries: unknown, list: string, single: string): string | undefined {
  if (entries === undefined || entries === null) return undefined;
  if (!Array.isArray(entries)) return `${list} should be a list`;
  for (const [index, entry] of entries.entries()) {
    const place = `${list}[${index}]`;
    if (!isRecord(entry) || typeof entry['name'] !== 'string') return `${place}.name should be a text`;
    const inner = entry[single] ?? (single === 'user' ? {} : undefined);
    if (!isRecord(inner)) return `${place}.${single} should be a mapping`;
    const required = REQUIRED[list];
    if (required !== undefined && typeof inner[required] !== 'string')
      return `${place}.${single}.${required} is missing`;
    for (const key of TEXTS[list] ?? []) {
      if (inner[key] !== undefined && typeof inner[key] !== 'string')
        return `${place}.${single}.${key} should be a text`;
    }
  }
  return undefined;
}
