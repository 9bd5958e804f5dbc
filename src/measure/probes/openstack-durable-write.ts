import { HarnessError } from '../../model/errors.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { ProbeAssignment } from '../../ports/prober.ts';
import { CloudMaker, entryOf, stemOf } from '../cloud-maker.ts';
import { cloudOf } from '../cloud-means.ts';
import { numberParameter, type GroundTools, type Probe } from './probe.ts';

/** Neutron lets a network have 50 tags (`MAX_TAGS_COUNT` in `neutron/extensions/tagging.py`), and one is given before the first sample. */
const WRITES_TO_A_NETWORK = 49;

const DEFAULT_WRITES = 500;
const KEY = 'sample-';

export const openstackDurableWrite: Probe = {
  name: 'openstack-durable-write',
  summary:
    'Is a tag of its own given to a network by each sample, and is every tag that was acknowledged still there at the end? A tag is a row in the database, and no agent hears of it.',
  parameters: {
    writes: {
      type: 'integer',
      describe: `How many samples may write: ${WRITES_TO_A_NETWORK} find room on each network of its own. Later ones are not asked, and count as unseen.`,
      default: DEFAULT_WRITES,
      minimum: WRITES_TO_A_NETWORK,
      maximum: 4000,
    },
  },
  needs: ['openstack'],
  mayCreate: (spec, run) => namesOf(spec, run).map((name) => entryOf(spec, 'network', '/networks', name)),
  ground: {
    async check(spec, tools, signal) {
      if (spec.endpoint !== 'neutron')
        throw new HarnessError(
          'SQ_PLAN_INVALID',
          `Probe ${spec.name} tags networks, which only the endpoint neutron does.`,
        );
      await cloudOf(spec, tools).listAll('network', '/networks?limit=1', 'networks', signal);
    },
    lay,
    tried: true,
    remedy: 'The project must be let tag its own networks; the extension is `standard-attr-tag`.',
  },
  readBack: {
    slots: namesOf,
    async samplesIn(name, clients, signal, spec) {
      const found = await cloudOf(spec, clients).listAll(
        'network',
        `/networks?name=${encodeURIComponent(name)}`,
        'networks',
        signal,
      );
      const network = found.find((one) => one['name'] === name);
      const tags = (network?.['tags'] ?? []) as readonly string[];
      return tags.filter((tag) => /^sample-\d+$/.test(tag)).map((tag) => Number(tag.slice(KEY.length)));
    },
  },
};

/** Makes the networks: without a subnet they are rows, and nothing on any node. */
async function lay(
  spec: ProbeSpec,
  tools: GroundTools,
  signal: AbortSignal,
): Promise<readonly ProbeAssignment[]> {
  const maker = new CloudMaker(spec, tools, signal);
  const ids: string[] = [];
  for (const name of namesOf(spec, tools.run)) {
    const made = await maker.make({ type: 'network', path: '/networks', key: 'network', name, body: {} });
    ids.push(made.id);
    // Its first sample would hide that a later write of the same tag was lost, so what is tried is another.
    await maker.call('network', 'PUT', `/networks/${made.id}/tags/tried`);
  }
  const write = {
    method: 'PUT',
    path: `/networks/{slot}/tags/${KEY}{n}`,
    headers: { accept: 'application/json' },
    expect: [200, 201],
  };
  const most = ids.length * WRITES_TO_A_NETWORK;
  const access = await cloudOf(spec, tools).access('network');
  return [{ spec, question: { kind: 'sequence', asks: [write], slots: ids, most }, access }];
}

function namesOf(spec: ProbeSpec, run: string): readonly string[] {
  const networks = Math.ceil(numberParameter(spec, 'writes', DEFAULT_WRITES) / WRITES_TO_A_NETWORK);
  return Array.from({ length: networks }, (_, slot) => `${stemOf(spec, run)}-${slot}`);
}
