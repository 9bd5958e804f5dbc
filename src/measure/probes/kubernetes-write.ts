import type { LedgerEntry } from '../../model/conformance.ts';
import { OWNER_LABEL } from '../../model/own-marks.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { Ask } from '../../ports/prober.ts';
import { textParameter, type Probe } from './probe.ts';

const DEFAULT_NAMESPACE = 'default';

export const kubernetesWrite: Probe = {
  name: 'kubernetes-write',
  summary:
    'Can a ConfigMap be created, read back as it was written, and deleted? All three count as one sample.',
  parameters: {
    namespace: { type: 'string', describe: 'Namespace of the ConfigMaps.', default: DEFAULT_NAMESPACE },
  },
  question(spec, { run }) {
    const collection = collectionOf(spec);
    const name = `${stemOf(spec, run)}-{slot}`;
    const written = 'written-by-sample-{n}-and-read-back';
    const create: Ask = {
      method: 'POST',
      path: collection,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, labels: { [OWNER_LABEL]: run } },
        data: { written },
      }),
      expect: [201],
    };
    const one = { path: `${collection}/${name}`, headers: { accept: 'application/json' } };
    return {
      kind: 'sequence',
      slots: slotsOf(spec),
      asks: [
        // A sample that failed half-way may have left its ConfigMap in this slot.
        { ...one, method: 'DELETE', expect: [200, 202, 404] },
        create,
        { ...one, method: 'GET', expect: [200], holds: written },
        { ...one, method: 'DELETE', expect: [200, 202] },
      ],
    };
  },
  mayCreate: (spec, run): readonly LedgerEntry[] =>
    Array.from({ length: slotsOf(spec) }, (_, slot) => ({
      system: 'kubernetes',
      collection: collectionOf(spec),
      name: `${stemOf(spec, run)}-${slot}`,
      createdBy: `probe ${spec.name}`,
    })),
};

/**
 * Names are used in turn, so many that a sample has a name to itself until it and whatever it caused late are over: a write
 * that takes effect after its sample was given up must not spoil a later sample.
 */
const slotsOf = ({ every, timeout }: ProbeSpec): number =>
  Math.max(4, Math.ceil((4 * timeout.ms) / every.ms));

const collectionOf = (spec: ProbeSpec): string =>
  `/api/v1/namespaces/${encodeURIComponent(textParameter(spec, 'namespace', DEFAULT_NAMESPACE))}/configmaps`;

/** The names' common beginning, in what Kubernetes allows for names. */
const stemOf = (spec: ProbeSpec, run: string): string =>
  `sq-${run}-${spec.name}`
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 200);
