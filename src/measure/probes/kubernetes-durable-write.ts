import type { LedgerEntry } from '../../model/conformance.ts';
import { HarnessError } from '../../model/errors.ts';
import { OWNER_LABEL } from '../../model/own-marks.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { Ask } from '../../ports/prober.ts';
import { textParameter, type Probe } from './probe.ts';
import { scalarText } from '../../model/scalar-text.ts';

const DEFAULT_NAMESPACE = 'default';

/**
 * A ConfigMap holds 1 MiB (Kubernetes: concepts, ConfigMap), and a write takes some fifty bytes of it with what the API server
 * notes about it: these many hold about 300,000 writes.
 */
const SLOTS = 16;

export const kubernetesDurableWrite: Probe = {
  name: 'kubernetes-durable-write',
  summary:
    'Is a line of its own added to a ConfigMap by each sample, and is every line that was acknowledged still there at the end?',
  parameters: {
    namespace: { type: 'string', describe: 'Namespace of the ConfigMaps.', default: DEFAULT_NAMESPACE },
  },
  question(spec, { run }) {
    const collection = collectionOf(spec);
    const name = `${stemOf(spec, run)}-{slot}`;
    const json = { accept: 'application/json', 'content-type': 'application/json' };
    const create: Ask = {
      method: 'POST',
      path: collection,
      headers: json,
      body: JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, labels: { [OWNER_LABEL]: run } },
      }),
      // It is there from an earlier sample.
      expect: [201, 409],
    };
    const write: Ask = {
      method: 'PATCH',
      path: `${collection}/${name}`,
      headers: { ...json, 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ data: { [`${KEY}{n}`]: '{n}' } }),
      expect: [200],
    };
    return { kind: 'sequence', slots: SLOTS, asks: [create, write] };
  },
  mayCreate: (spec, run): readonly LedgerEntry[] =>
    namesOf(spec, run).map((name) => ({
      system: 'kubernetes',
      collection: collectionOf(spec),
      name,
      createdBy: `probe ${spec.name}`,
    })),
  readBack: {
    slots: namesOf,
    async samplesIn(name, { kubernetes }, signal, spec) {
      if (kubernetes === undefined)
        throw new HarnessError('SQ_ABILITY_MISSING', 'There is no client for Kubernetes.');
      const object = await kubernetes.get(`${collectionOf(spec)}/${name}`, signal);
      return Object.entries((object?.['data'] ?? {}) as Readonly<Record<string, unknown>>)
        .filter(([key, value]) => key === `${KEY}${scalarText(value)}`)
        .map(([, value]) => Number(value));
    },
  },
};

const KEY = 'sample-';

const collectionOf = (spec: ProbeSpec): string =>
  `/api/v1/namespaces/${encodeURIComponent(textParameter(spec, 'namespace', DEFAULT_NAMESPACE))}/configmaps`;

function namesOf(spec: ProbeSpec, run: string): readonly string[] {
  return Array.from({ length: SLOTS }, (_, slot) => `${stemOf(spec, run)}-${slot}`);
}

/** The names' common beginning, in what Kubernetes allows for names. */
const stemOf = (spec: ProbeSpec, run: string): string =>
  `sq-${run}-${spec.name}`
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 200);
