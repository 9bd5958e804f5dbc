import { expect } from 'chai';
import { describe, it } from 'mocha';
import { faultRegistry } from '../../src/chaos/fault-registry.ts';
import { abilitiesOf, type Lab, type LabAbilities, type Links } from '../../src/ports/lab.ts';
import type { FaultStep } from '../../src/model/plan.ts';
import { setStage } from './fakes/stage.ts';
import { faultStep, planOf, reference } from './fakes/topologies.ts';

const step = (fault: string, parameters: FaultStep['parameters']): FaultStep =>
  faultStep('s', fault, { node: 'control-1' }, { parameters });

const refusal = async (fault: string, parameters: FaultStep['parameters']): Promise<string> => {
  const stage = await setStage();
  const error: unknown = await stage
    .play(planOf([step(fault, parameters)]))
    .catch((thrown: unknown) => thrown);
  expect(stage.actions).to.deep.equal([]);
  return error instanceof Error ? error.message : 'not refused';
};

describe('faults on links', () => {
  for (const [title, fault, parameters, says] of [
    ['a delay that nobody could measure', 'network-latency', { delay: { ms: 5 } }, 'told from noise'],
    [
      'a jitter that takes the delay away',
      'network-latency',
      { delay: { ms: 100 }, jitter: { ms: 80 } },
      'jitter',
    ],
    ['a port that is none', 'network-partition', { ports: ['https'] }, 'https is not a TCP port'],
    ['a port that is too large', 'network-loss', { share: 0.5, ports: ['6443', '65536'] }, '65536 is not'],
    ['a limit on ports', 'network-bandwidth', { kilobitsPerSecond: 1000, ports: ['6443'] }, 'no place here'],
  ] as const) {
    it(`refuse ${title}, before anything is touched`, async () => {
      expect(await refusal(fault, parameters)).to.contain(says);
    });
  }

  it('look at the ports that they are about, and at no others', async () => {
    const stage = await setStage();
    const tried = new Set<number | undefined>();
    const { links } = stage.lab.abilities;
    const reach = links?.reach.bind(links);
    if (links === undefined || reach === undefined) throw new Error('no links');
    links.reach = (from, to, timeout, port) => {
      tried.add(port);
      return reach(from, to, timeout, port);
    };
    const { injections } = await stage.play(planOf([step('network-partition', { ports: ['3306', '4567'] })]));
    expect(injections[0]?.end, injections[0]?.trouble).to.equal('healed');
    expect([...tried]).to.deep.equal([3306, 4567]);
    expect(injections[0]?.verified?.says).to.contain('control-1 -> compute-1:3306');
  });

  for (const [direction, added] of [
    ['both', 200],
    ['from-targets', 100],
  ] as const) {
    it(`measure a delay by its round trip (${direction})`, async () => {
      const stage = await setStage();
      const parameters = { delay: { ms: 100 }, jitter: { ms: 0 }, direction };
      const { injections } = await stage.play(planOf([step('network-latency', parameters)]));
      expect(injections[0]?.verified?.says).to.contain(`control-1 -> compute-1 +${added} ms`);
      expect(injections[0]?.verifiedHealed?.says).to.contain('+0 ms');
    });
  }

  it('do not take half of a delay for the whole, nor a quarter of it for none', async () => {
    for (const [factor, seen] of [
      [0.4, false],
      [0.6, true],
    ] as const) {
      const stage = await setStage();
      const { links } = stage.lab.abilities;
      const add = links?.add.bind(links);
      if (links === undefined || add === undefined) throw new Error('no links');
      links.add = (rule) =>
        add(
          rule.effect.kind === 'delay'
            ? { ...rule, effect: { ...rule.effect, by: { ms: rule.effect.by.ms * factor } } }
            : rule,
        );
      const { injections } = await stage.play(planOf([step('network-latency', { delay: { ms: 100 } })]));
      expect(injections[0]?.verified?.ok).to.equal(seen);
      expect(stage.lab.hurt()).to.deep.equal([]);
    }
  });

  it('refuse a limit where links are hardly faster as it is', async () => {
    const stage = await setStage();
    stage.lab.linkSpeed = 200_000;
    const { injections } = await stage.play(planOf([step('network-bandwidth', { kilobitsPerSecond: 1000 })]));
    expect(injections[0]?.trouble).to.contain('control-1 -> compute-1 1600 kbit/s');
    expect(stage.actions).to.deep.equal([]);
  });

  it('do not take a link that is dead for one that is limited', async () => {
    const stage = await setStage();
    const { links } = stage.lab.abilities;
    const add = links?.add.bind(links);
    if (links === undefined || add === undefined) throw new Error('no links');
    links.add = (rule) => add({ ...rule, effect: { kind: 'limit', bytesPerSecond: 1 } });
    const { injections } = await stage.play(planOf([step('network-bandwidth', { kilobitsPerSecond: 1000 })]));
    expect(injections[0]?.verified?.ok).to.equal(false);
  });

  it('predict that nobody is given up while a round trip is shorter than anything waits', () => {
    const latency = faultRegistry.find(({ name }) => name === 'network-latency');
    const about = { roles: ['etcd', 'database'], holdsAddress: 'no', duration: { ms: 1000 } } as const;
    const windowOf = (ms: number) => latency?.predict([], { ...about, parameters: { delay: { ms } } });
    expect(windowOf(100)?.outage.max.ms).to.equal(1000 + 1000);
    expect(windowOf(600)?.outage.max.ms).to.be.above(1000 + 4000);
    expect(windowOf(100)?.because.join()).to.contain('nobody is given up');
    expect(windowOf(100)?.because.join()).to.contain('etcd-election-timeout');
  });
});

describe('the abilities of a lab', () => {
  const labWith = (abilities: LabAbilities): Lab => ({ abilities }) as unknown as Lab;
  const links = {} as Links;
  const transfer = async (): Promise<number> => 1;

  for (const [title, abilities, expected] of [
    ['rules that say nothing of their effects', { links }, ['links']],
    [
      'rules that cut, lose and delay',
      { links: { ...links, effects: ['cut', 'lose', 'delay'] } },
      ['links', 'link-loss', 'link-delay'],
    ],
    ['a limit that nobody can measure', { links: { ...links, effects: ['cut', 'limit'] } }, ['links']],
    [
      'a limit that can be measured',
      { links: { ...links, effects: ['cut', 'limit'], transfer } },
      ['links', 'link-limit'],
    ],
    ['containers', { containers: { kill: async () => undefined } }, ['containers']],
  ] as const) {
    it(`with ${title}`, () => {
      expect(abilitiesOf(labWith(abilities), {})).to.deep.equal(expected);
    });
  }

  it('decide at plan time: a step that needs more is refused, and nothing is touched', async () => {
    const few = { ...reference(), abilities: ['kubernetes', 'links'] as const };
    for (const [fault, parameters, needs] of [
      ['network-latency', { delay: { ms: 100 } }, 'link-delay'],
      ['network-bandwidth', { kilobitsPerSecond: 1000 }, 'link-limit'],
      ['network-loss', { share: 0.3 }, 'link-loss'],
      ['container-kill', {}, 'containers'],
    ] as const) {
      const stage = await setStage(few);
      const selector = fault === 'container-kill' ? { workload: 'mariadb' } : { node: 'control-1' };
      const error: unknown = await stage
        .play(planOf([faultStep('s', fault, selector, { parameters })]))
        .catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'SQ_ABILITY_MISSING' });
      expect(String(error)).to.contain(`${fault} needs ${needs}`);
      expect(stage.actions).to.deep.equal([]);
    }
  });
});

describe('container-kill', () => {
  const kill = (parameters: FaultStep['parameters'] = {}): FaultStep =>
    faultStep('s', 'container-kill', { workload: 'mariadb', node: 'control-1' }, { parameters });
  const PATH = '/api/v1/namespaces/openstack/pods/mariadb-0';

  for (const [title, change, parameters, says] of [
    ['a container that is not there', {}, { container: 'sidecar' }, 'has no container sidecar; it has main'],
    [
      'one that would end for good',
      { spec: { nodeName: 'control-1', restartPolicy: 'Never' } },
      {},
      'for good',
    ],
    [
      'one that does not run',
      {
        status: {
          containerStatuses: [{ name: 'main', containerID: 'containerd://x', state: { waiting: {} } }],
        },
      },
      {},
      'does not run',
    ],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const stage = await setStage();
      const present = stage.lab.pods.get(PATH);
      if (present === undefined) throw new Error('no pod');
      stage.lab.cluster.put(PATH, { ...present, ...change });
      const { injections } = await stage.play(planOf([kill(parameters)]));
      expect(injections[0]?.trouble).to.contain(says);
      expect(stage.actions).to.deep.equal([]);
    });
  }

  it('takes the container that kubectl would take', async () => {
    const stage = await setStage();
    const present = stage.lab.pods.get(PATH);
    if (present === undefined) throw new Error('no pod');
    stage.lab.cluster.put(PATH, {
      ...present,
      metadata: { ...present.metadata, annotations: { 'kubectl.kubernetes.io/default-container': 'two' } },
      status: {
        containerStatuses: ['one', 'two'].map((name) => ({
          name,
          containerID: `containerd://id-${name}`,
          restartCount: 0,
          state: { running: {} },
        })),
      },
    });
    await stage.play(planOf([kill()]));
    expect(stage.actions).to.include('lab: kill id-two on control-1');
  });
});
