import { isIP } from 'node:net';
import { seconds } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { ProbeSpec } from '../../model/plan.ts';
import type { ProbeAssignment, Question } from '../../ports/prober.ts';
import { CloudMaker, entryOf, stemOf } from '../cloud-maker.ts';
import { findMeans, SERVER_PARAMETERS } from '../cloud-means.ts';
import { layPorts, serverOrder } from '../cloud-ports.ts';
import { numberParameter, textParameter, type GroundTools, type Probe } from './probe.ts';

/** From the order until the servers are up; it takes seconds on an idle machine. */
const ACTIVE_WITHIN = seconds(240);
const LOOK_EVERY = { ms: 1000 };

/** From when a server is up until it has its address and answers. */
const ANSWERS_WITHIN = seconds(120);

export const guest: Probe = {
  name: 'guest',
  summary:
    'Do servers that run already go on answering this host, over HTTP and by a new TCP connection? What their tenants notice; each server and way is a series of its own.',
  parameters: {
    guests: {
      type: 'integer',
      describe: 'How many servers; the scheduler of the cloud says where.',
      default: 1,
      minimum: 1,
      maximum: 8,
    },
    ask: {
      type: 'enum',
      describe: 'How they are asked.',
      values: ['both', 'http', 'tcp'],
      default: 'both',
    },
    ...SERVER_PARAMETERS,
  },
  needs: ['openstack', 'guests'],
  mayCreate: (spec, run) => namesOf(spec, run).map((name) => entryOf(spec, 'compute', '/servers', name)),
  ground: {
    async check(spec, tools, signal) {
      refuseOtherEndpoint(spec);
      await findMeans(spec, tools, true, signal);
    },
    lay,
    answersWithin: ANSWERS_WITHIN,
    remedy:
      'This host must reach the network of the probe, and servers of its image must answer on its `port` and `path`; `ask: tcp` asks for no more than a connection.',
  },
};

/** Makes the servers and what they are plugged into, and says how each is asked. */
async function lay(
  spec: ProbeSpec,
  tools: GroundTools,
  signal: AbortSignal,
): Promise<readonly ProbeAssignment[]> {
  const means = await findMeans(spec, tools, true, signal);
  const names = namesOf(spec, tools.run);
  const ports = await layPorts(spec, means, names, tools, signal);
  const maker = new CloudMaker(spec, tools, signal);
  const ids: string[] = [];
  for (const [index, port] of ports.entries()) {
    const name = names[index] ?? '';
    const { server } = serverOrder(name, means, port, tools.run) as { readonly server: object };
    const order = { type: 'compute', path: '/servers', key: 'server', marked: true } as const;
    ids.push((await maker.make({ ...order, name, body: { ...server } })).id);
  }
  for (const id of ids) await untilActive(spec, id, maker, tools, signal);
  return ports.flatMap(({ address }, index) => waysTo(spec, index, names[index] ?? '', address));
}

function waysTo(
  spec: ProbeSpec,
  index: number,
  server: string,
  address: string | undefined,
): readonly ProbeAssignment[] {
  if (address === undefined)
    throw new HarnessError('SQ_BAD_ANSWER', `Server ${server} of probe ${spec.name} was given no address.`);
  const port = numberParameter(spec, 'port', 80);
  const ask = textParameter(spec, 'ask', 'both');
  const questions: readonly (readonly ['http' | 'tcp', Question])[] = [
    [
      'http',
      {
        kind: 'http',
        ask: { method: 'GET', path: textParameter(spec, 'path', '/'), headers: {}, expect: [200] },
      },
    ],
    ['tcp', { kind: 'tcp', host: address, port }],
  ];
  return questions
    .filter(([by]) => ask === 'both' || ask === by)
    .map(([by, question]) => ({
      // Never the name of the probe itself: whoever bears that is handed the credentials of the cloud.
      spec: {
        ...spec,
        name: `${spec.name}/${index}-${by}`,
        parameters: { ...spec.parameters, guest: index, ask: by },
        part: { of: spec.name, to: server, by },
      },
      question,
      access: {
        url: `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}`,
        headers: {},
        verify: true,
      },
    }));
}

async function untilActive(
  spec: ProbeSpec,
  id: string,
  maker: CloudMaker,
  { clock }: GroundTools,
  signal: AbortSignal,
): Promise<void> {
  const untilNs = clock.now().ns + ACTIVE_WITHIN.ms * 1e6;
  for (;;) {
    const { server } = await maker.call('compute', 'GET', `/servers/${id}`);
    const { status, fault } = server as { readonly status?: string; readonly fault?: { message?: string } };
    if (status === 'ACTIVE') return;
    if (status === 'ERROR' || clock.now().ns >= untilNs)
      throw new HarnessError(
        'SQ_NOT_STEADY',
        `Before anything was hurt a server of probe ${spec.name} was ${status ?? 'without a status'} instead of ACTIVE within ${ACTIVE_WITHIN.ms / 1000} s${fault?.message === undefined ? '.' : `: ${fault.message}`}`,
      );
    await clock.sleep(LOOK_EVERY, signal);
  }
}

/** @throws SQ_PLAN_INVALID: servers are made by Nova, so it is Nova that the plan names. */
export function refuseOtherEndpoint(spec: ProbeSpec): void {
  if (spec.endpoint !== 'nova')
    throw new HarnessError(
      'SQ_PLAN_INVALID',
      `Probe ${spec.name} makes servers, which only the endpoint nova does.`,
    );
}

const namesOf = (spec: ProbeSpec, run: string): readonly string[] =>
  Array.from({ length: numberParameter(spec, 'guests', 1) }, (_, index) => `${stemOf(spec, run)}-${index}`);
