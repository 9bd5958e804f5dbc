import { isIP } from 'node:net';
import { milliseconds } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { BootSlot, ProbeAssignment } from '../../ports/prober.ts';
import { cloudOf, findMeans, SERVER_PARAMETERS } from '../cloud-means.ts';
import { CloudMaker, entryOf, stemOf } from '../cloud-maker.ts';
import { layPorts, serverOrder } from '../cloud-ports.ts';
import { refuseOtherEndpoint } from './guest.ts';
import { numberParameter, textParameter, type GroundTools, type Probe } from './probe.ts';

/** Each has a port, and where servers answer a floating address. */
const MOST_SLOTS = 8;

const LOOK_EVERY = milliseconds(1000);

export const serverBoot: Probe = {
  name: 'server-boot',
  summary:
    'Is a server made, up, answering where servers answer, and gone again within the timeout? All of it is one sample; the phase of a failure is `build`, `active`, `answers` or `delete`.',
  parameters: {
    answers: {
      type: 'boolean',
      describe: 'Whether it must answer HTTP as well, where the lab has the ability `guests`.',
      default: true,
    },
    ...SERVER_PARAMETERS,
  },
  needs: ['openstack'],
  mayCreate: (spec, run) => namesOf(spec, run).map((name) => entryOf(spec, 'compute', '/servers', name)),
  ground: {
    async check(spec, tools, signal) {
      refuseOtherEndpoint(spec);
      refuseTooOften(spec);
      await findMeans(spec, tools, answering(spec, tools), signal);
    },
    lay,
    // One server is made before the first sample, and taken away again.
    answersWithin: { ms: 30_000 },
    remedy: 'See in the cloud why no server comes up, or take the probe out of the plan.',
  },
};

/** Makes a port for each slot: the servers themselves are the samples. */
async function lay(
  spec: ProbeSpec,
  tools: GroundTools,
  signal: AbortSignal,
): Promise<readonly ProbeAssignment[]> {
  refuseTooOften(spec);
  const means = await findMeans(spec, tools, answering(spec, tools), signal);
  const names = namesOf(spec, tools.run);
  const ports = await layPorts(spec, means, names, tools, signal);
  const maker = new CloudMaker(spec, tools, signal);
  // Once more, behind the ports: what was noted last is swept first.
  for (const name of names) await maker.note('compute', '/servers', name);
  const slots = ports.map((port, index): BootSlot => {
    const name = names[index] ?? '';
    const order = JSON.stringify(serverOrder(name, means, port, tools.run));
    return { name, order, ...(port.address === undefined ? {} : { answersAt: urlOf(spec, port.address) }) };
  });
  const access = await cloudOf(spec, tools).access('compute');
  return [{ spec, question: { kind: 'boot', slots, lookEvery: LOOK_EVERY }, access }];
}

function urlOf(spec: ProbeSpec, address: string): string {
  const host = isIP(address) === 6 ? `[${address}]` : address;
  return `http://${host}:${numberParameter(spec, 'port', 80)}${textParameter(spec, 'path', '/')}`;
}

const answering = (spec: ProbeSpec, { topology }: Pick<GroundTools, 'topology'>): boolean =>
  spec.parameters['answers'] !== false && topology.abilities.includes('guests');

/**
 * So many that a sample has one to itself until its timeout and what it caused late are over.
 * @returns more than there may be where the probe asks too often.
 */
export const slotsFor = ({ every, timeout }: Pick<ProbeSpec, 'every' | 'timeout'>): number =>
  Math.max(2, Math.ceil(timeout.ms / every.ms) + 1);

function refuseTooOften(spec: ProbeSpec): void {
  if (slotsFor(spec) <= MOST_SLOTS) return;
  throw new HarnessError(
    'SQ_PLAN_INVALID',
    `Probe ${spec.name} could have ${slotsFor(spec) - 1} servers at once, and ${MOST_SLOTS - 1} is the most.`,
    {
      remedy: `Give it an \`every\` of at least ${Math.ceil(spec.timeout.ms / (MOST_SLOTS - 1))}ms, or a shorter \`timeout\`.`,
    },
  );
}

const namesOf = (spec: ProbeSpec, run: string): readonly string[] =>
  Array.from({ length: Math.min(MOST_SLOTS, slotsFor(spec)) }, (_, slot) => `${stemOf(spec, run)}-${slot}`);
