import { expect } from 'chai';
import { describe, it } from 'mocha';
import { findMarks } from '../../src/chaos/find-marks.ts';
import { faultRegistry } from '../../src/chaos/fault-registry.ts';
import { healMarks } from '../../src/custody/heal-marks.ts';
import { labelledObjects } from '../../src/custody/labelled-objects.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { KubernetesApi, KubernetesObject } from '../../src/ports/kubernetes.ts';
import type { Mark } from '../../src/ports/mark.ts';
import { ModelLab } from '../chaos/fakes/model-lab.ts';
import { reference } from '../chaos/fakes/topologies.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';

const never = new AbortController().signal;

function labWithRule() {
  const clock = new VirtualClock();
  const lab = new ModelLab(reference(), clock, []);
  const rule = (run: string) =>
    lab.abilities.links?.add({
      id: `${run}/cut`,
      run,
      groupA: ['control-1'],
      groupB: ['control-2'],
      direction: 'both',
      ports: [],
      effect: { kind: 'cut' },
      expiresAfter: { ms: 3_600_000 },
    });
  const find = (signal: AbortSignal) => findMarks({ lab, clock, run: '' }, signal);
  return { clock, lab, rule, find };
}

describe('healing by marks', () => {
  it('finds a rule once, whichever faults look for it, and takes it away', async () => {
    const { clock, lab, rule, find } = labWithRule();
    await rule('run-1');
    expect((await find(never)).marks.map(({ run }) => run)).to.deep.equal(['run-1']);
    const healed = await healMarks({ clock, find, lives: () => false, nameless: false }, never);
    expect(healed).to.deep.include({ left: [], spared: [] });
    expect(healed.healed.join()).to.contain('rule run-1/cut');
    expect(lab.hurt()).to.deep.equal([]);
  });

  it('calls nothing healed that nobody could look at again', async () => {
    const { clock } = labWithRule();
    const mark: Mark = { id: 'rule', run: 'dead', says: 'rule cut', heal: async () => undefined };
    let looks = 0;
    const find = async () => {
      looks += 1;
      if (looks === 1) return { marks: [mark], troubles: ['Nobody could look for secrets of ours.'] };
      return { marks: [], troubles: ['Nobody could look for secrets of ours.', 'No node answers.'] };
    };
    const { healed, left } = await healMarks({ clock, find, lives: () => false, nameless: false }, never);
    expect(healed).to.deep.equal([]);
    expect(left.join()).to.contain('rule cut').and.to.contain('No node answers');
  });

  it('spares runs that live, other runs when one is named, and what tells no run unless that is ours', async () => {
    const { clock, lab, rule, find } = labWithRule();
    await rule('living');
    await rule('dead');
    const named = await healMarks({ clock, find, run: 'other', lives: () => false, nameless: true }, never);
    expect([named.healed, named.spared.length]).to.deep.equal([[], 2]);
    const all = await healMarks({ clock, find, lives: (run) => run === 'living', nameless: false }, never);
    expect(all.healed.join()).to.contain('dead');
    expect(lab.hurt()).to.deep.equal(['rule living/cut']);
    const node: Mark = { id: 'node', says: 'node control-1 is off', heal: async () => undefined };
    const nameless = {
      find: async () => ({ marks: [node], troubles: [] }),
      lives: () => false,
      nameless: false,
    };
    expect((await healMarks({ clock, ...nameless }, never)).spared).to.deep.equal(['node control-1 is off']);
  });

  it('tells what is still there as lines of a diff, and looks again until its patience is over', async () => {
    const clock = new VirtualClock();
    const stuck: Mark = {
      id: 'x',
      run: 'r',
      says: 'rule x',
      heal: async () => Promise.reject(new Error('no way')),
    };
    const find = async () => ({ marks: [stuck], troubles: ['nobody could look elsewhere'] });
    const healed = await healMarks({ clock, find, lives: () => false, nameless: false }, never);
    expect(healed.left).to.deep.equal(['+ rule x (no way)']);
    expect(healed.troubles).to.deep.equal(['nobody could look elsewhere']);
    expect(clock.now().ns / 1e9).to.be.greaterThan(29);
  });

  it('finds nodes that are off or frozen, and units that we stopped, on a lab that is ours', async () => {
    const { lab, clock } = labWithRule();
    const nodes = [
      { name: 'control-1', roles: [], addresses: [], power: 'off' as const },
      { name: 'control-2', roles: [], addresses: [], power: 'frozen' as const },
      { name: 'control-3', roles: [], addresses: [], power: 'on' as const },
    ];
    const units = {
      ...lab.abilities.units,
      list: async () => [
        { unit: 'etcd', running: false, stoppedBy: 'run-1/stop' },
        { unit: 'kubelet', running: false },
      ],
    };
    const status = async () => ({ state: 'up' as const, nodes, connection: {} });
    const abilities = { ...lab.abilities, units } as typeof lab.abilities;
    const ours = { ...lab, abilities, status } as unknown as ModelLab;
    const says = async (owned: boolean) =>
      (await findMarks({ lab: { ...ours, owned }, clock, run: '' }, never)).marks.map((mark) => mark.says);
    expect(await says(true)).to.deep.equal([
      'etcd on control-3 is stopped by run-1/stop',
      'node control-1 is off',
      'node control-2 is frozen',
    ]);
    expect(await says(false)).to.deep.equal(['etcd on control-3 is stopped by run-1/stop']);
  });

  it('is hidden by no finder that fails', async () => {
    const { clock, lab, rule } = labWithRule();
    await rule('run-1');
    const [first] = faultRegistry;
    const broken = { ...first!, findMarks: () => Promise.reject(new Error('it is down')) };
    const found = await findMarks({ lab, clock, run: '' }, never, [broken, ...faultRegistry]);
    expect(found.marks).to.have.length(1);
    expect(found.troubles.join()).to.contain('it is down');
  });

  it('finds labelled objects of any namespace, and deletes by UID', async () => {
    const object = (name: string, run?: string): KubernetesObject => ({
      metadata: {
        name,
        namespace: 'default',
        uid: `uid-${name}`,
        ...(run === undefined ? {} : { labels: { 'squall.dev/run': run } }),
      },
    });
    const deleted: unknown[] = [];
    const api = {
      list: async (collection: string) => {
        if (collection.endsWith('jobs'))
          throw new HarnessError('SQ_BAD_ANSWER', 'no', { facts: { status: 404 } });
        return collection.endsWith('configmaps') ? [object('sq-r1-map', 'r1'), object('theirs')] : [];
      },
      delete: async (path: string, { uid }: { uid: string }) => deleted.push([path, uid]),
    } as unknown as KubernetesApi;
    const { marks, troubles } = await labelledObjects(api, never);
    expect(troubles).to.deep.equal([]);
    expect(marks.map(({ run, says }) => [run, says])).to.deep.equal([['r1', 'configmaps default/sq-r1-map']]);
    await marks[0]?.heal(never);
    expect(deleted).to.deep.equal([['/api/v1/namespaces/default/configmaps/sq-r1-map', 'uid-sq-r1-map']]);
  });
});
