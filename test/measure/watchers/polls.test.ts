import { expect } from 'chai';
import { describe, it } from 'mocha';
import { agents } from '../../../src/measure/watchers/agents.ts';
import { galera } from '../../../src/measure/watchers/galera.ts';
import { rabbitmq } from '../../../src/measure/watchers/rabbitmq.ts';
import type { Watcher, WatcherTools } from '../../../src/measure/watchers/watcher.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { KubernetesApi, KubernetesObject } from '../../../src/ports/kubernetes.ts';
import type { OpenStackApi } from '../../../src/ports/openstack.ts';

/** Runs a watcher through so many looks; each look begins at a hundred times its number, and takes ten. */
async function watched(
  watcher: Watcher,
  looks: number,
  tools: (look: () => number) => Partial<WatcherTools>,
): Promise<string[]> {
  const stop = new AbortController();
  let look = 0;
  let ns = 0;
  const clock = {
    id: 'test',
    now: () => ({ clock: 'test', ns: (ns += 1) }),
    sleep: async () => {
      look += 1;
      ns = look * 100;
      if (look === looks) stop.abort();
    },
  } as unknown as Clock;
  const lines: string[] = [];
  await watcher.watch(
    { clock, ...tools(() => look) },
    ({ change, about, was, is, afterNs, seenNs }) => {
      lines.push(`${change} ${about} ${was ?? '-'}>${is ?? '-'} (${afterNs},${seenNs}]`);
    },
    stop.signal,
  );
  return lines;
}

const pod = (name: string, ready: boolean): KubernetesObject => ({
  metadata: { name, namespace: 'openstack' },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

/** A cluster that has pods with words on a port; no words: it answers as for a pod that nobody reaches. */
function cluster(
  pods: () => Readonly<Record<string, { ready: boolean; says?: unknown }>> | Error,
): KubernetesApi {
  const now = (): Readonly<Record<string, { ready: boolean; says?: unknown }>> => {
    const found = pods();
    if (found instanceof Error) throw found;
    return found;
  };
  return {
    list: async () => Object.entries(now()).map(([name, { ready }]) => pod(name, ready)),
    async request({ path }: { path: string }) {
      const name = /pods\/([^:]+):\d+\/proxy\//.exec(path)?.[1] ?? '';
      const { says } = now()[name] ?? {};
      return says === undefined ? { status: 503, body: {} } : { status: 200, body: says };
    },
  } as unknown as KubernetesApi;
}

const member = (size: number, state = '4', of = 'Primary'): object => ({
  status: { wsrep_cluster_status: of, wsrep_cluster_size: String(size), wsrep_local_state: state },
});

describe('measure/watchers: what is asked again and again', () => {
  it('galera: a member that leaves and comes back, and how many there are', async () => {
    const well = (size: number): { ready: boolean; says: object } => ({ ready: true, says: member(size) });
    const rounds = [
      { a: well(3), b: well(3), c: well(3) },
      // Its pod counts as ready yet, and the others know better.
      { a: well(2), b: well(2), c: { ready: true } },
      { a: well(3), b: well(3), c: { ready: false, says: member(3, '1') } },
      { a: well(3), b: well(3), c: well(3) },
    ];
    const lines = await watched(galera, 4, (look) => ({ kubernetes: cluster(() => rounds[look()] ?? {}) }));
    expect(lines).to.deep.equal([
      'seeing galera ->- (1,3]',
      'member-out galera/c synced>silent (2,102]',
      'galera-size galera 3>2 (2,102]',
      'member-state galera/c silent>joining (101,202]',
      'galera-size galera 2>3 (101,202]',
      'member-back galera/c joining>synced (201,302]',
    ]);
  });

  it('galera: without a primary component the size is none, whatever members are ready', async () => {
    const rounds = [
      { a: { ready: true, says: member(2) }, b: { ready: true, says: member(2) } },
      { a: { ready: true, says: member(1, '0', 'non-Primary') }, b: { ready: true, says: { status: {} } } },
    ];
    const lines = await watched(galera, 2, (look) => ({ kubernetes: cluster(() => rounds[look()] ?? {}) }));
    expect(lines.slice(1)).to.deep.equal([
      'member-out galera/a synced>not-primary (2,102]',
      'member-out galera/b synced>starting (2,102]',
      'galera-size galera 2>0 (2,102]',
    ]);
  });

  it('galera: members that say nothing of themselves are known by readiness', async () => {
    const rounds = [{ a: { ready: true }, b: { ready: true } }, { a: { ready: true } }];
    const lines = await watched(galera, 2, (look) => ({ kubernetes: cluster(() => rounds[look()] ?? {}) }));
    expect(lines.slice(1)).to.deep.equal([
      'member-out galera/b ready>- (2,102]',
      'galera-size galera 2>1 (2,102]',
    ]);
  });

  it('is blind while the API cannot be asked, and tells what changed meanwhile as far back as that', async () => {
    const rounds = [{ a: { ready: true } }, new Error('gone'), new Error('gone'), { a: { ready: false } }];
    const lines = await watched(galera, 4, (look) => ({ kubernetes: cluster(() => rounds[look()] ?? {}) }));
    expect(lines).to.deep.equal([
      'seeing galera ->- (1,3]',
      'blind galera ->gone (2,103]',
      'seeing galera ->- (2,302]',
      'member-out galera/a ready>silent (2,302]',
      'galera-size galera 1>0 (2,302]',
    ]);
  });

  it('rabbitmq: a member that is ready and misses another one is out', async () => {
    const says = (missing: number): string =>
      `# HELP x\nrabbitmq_unreachable_cluster_peers_count ${missing}\n`;
    const rounds = [
      { a: { ready: true, says: says(0) }, b: { ready: true, says: says(0) } },
      { a: { ready: true, says: says(1) }, b: { ready: false } },
    ];
    const lines = await watched(rabbitmq, 2, (look) => ({ kubernetes: cluster(() => rounds[look()] ?? {}) }));
    expect(lines.slice(1)).to.deep.equal([
      'member-out rabbitmq/a ready>misses-1 (2,102]',
      'member-out rabbitmq/b ready>not-ready (2,102]',
      'rabbitmq-size rabbitmq 2>1 (2,102]',
    ]);
  });

  it('agents: of each service that is in the catalogue and lets itself be asked', async () => {
    const answers: Readonly<Record<string, (look: number) => object>> = {
      compute: (look) => ({
        status: 200,
        body: {
          services: [{ binary: 'nova-compute', host: 'compute-1', state: look === 1 ? 'down' : 'up' }],
        },
      }),
      network: (look) => ({
        status: 200,
        body: { agents: look === 0 ? [] : [{ binary: 'neutron-l3-agent', host: 'compute-1', alive: true }] },
      }),
      'block-storage': () => ({ status: 403, body: {} }),
    };
    const openstack = (look: () => number): OpenStackApi =>
      ({
        catalogue: async () => [{ type: 'compute' }, { type: 'network' }, { type: 'volumev3' }],
        service: (type: string) => ({ request: async () => answers[type]?.(look()) }),
      }) as unknown as OpenStackApi;
    const lines = await watched(agents, 3, (look) => ({ openstack: openstack(look) }));
    expect(lines).to.deep.equal([
      'seeing agents ->- (1,3]',
      'agent-down nova-compute on compute-1 up>down (2,102]',
      'agent-added neutron-l3-agent on compute-1 ->up (2,102]',
      'agent-up nova-compute on compute-1 down>up (101,202]',
    ]);
  });
});
