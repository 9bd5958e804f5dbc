import type { LedgerEntry } from '../../model/conformance.ts';
import { HarnessError } from '../../model/errors.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { Ask } from '../../ports/prober.ts';
import type { Probe } from './probe.ts';

/** Keypairs are kept under the names that they were given, so a sample can ask for its own without knowing an id. */
const COLLECTION = '/os-keypairs';

/** A public key of nobody: the bytes 1 to 32 as an Ed25519 point. */
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g';

export const openstackWrite: Probe = {
  name: 'openstack-write',
  summary:
    'Can a keypair be given to Nova, read back as it was written, and deleted? All three count as one sample.',
  parameters: {},
  question(spec, { run }) {
    if (spec.endpoint !== 'nova')
      throw new HarnessError(
        'SQ_PLAN_INVALID',
        `Probe ${spec.name} writes keypairs, which only the endpoint nova takes.`,
      );
    const name = `${stemOf(spec, run)}-{slot}`;
    const written = 'written-by-sample-{n}';
    const json = { accept: 'application/json' };
    const create: Ask = {
      method: 'POST',
      path: COLLECTION,
      headers: { ...json, 'content-type': 'application/json' },
      body: JSON.stringify({ keypair: { name, public_key: `${KEY} ${written}` } }),
      expect: [200, 201],
    };
    const one = { path: `${COLLECTION}/${name}`, headers: json };
    return {
      kind: 'sequence',
      slots: slotsOf(spec),
      asks: [
        // A sample that failed half-way may have left its keypair in this slot.
        { ...one, method: 'DELETE', expect: [202, 204, 404] },
        create,
        { ...one, method: 'GET', expect: [200], holds: written },
        { ...one, method: 'DELETE', expect: [202, 204] },
      ],
    };
  },
  mayCreate: (spec, run): readonly LedgerEntry[] =>
    Array.from({ length: slotsOf(spec) }, (_, slot) => ({
      system: 'openstack',
      collection: `compute:${COLLECTION}`,
      name: `${stemOf(spec, run)}-${slot}`,
      createdBy: `probe ${spec.name}`,
    })),
};

/** So many names that a sample has one to itself until whatever it caused late is over; a project may have a hundred keypairs. */
const slotsOf = ({ every, timeout }: ProbeSpec): number =>
  Math.min(50, Math.max(4, Math.ceil((4 * timeout.ms) / every.ms)));

const stemOf = (spec: ProbeSpec, run: string): string =>
  `sq-${run}-${spec.name}`.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 200);
