import { expect } from 'chai';
import { describe, it } from 'mocha';
import { silentSince, startedAgain } from '../../src/chaos/started-again.ts';
import type { InjectionRecord } from '../../src/model/injection.ts';
import type { BoundTarget } from '../../src/model/schedule.ts';
import { reference } from './fakes/topologies.ts';

const at = { clock: 'c', earliestNs: 1, latestNs: 2 };
const injection = (
  fault: string,
  target: Partial<BoundTarget>,
  more: Partial<InjectionRecord> = {},
): InjectionRecord => ({
  id: 'run-1/step',
  step: 'step',
  fault,
  lasts: true,
  injected: at,
  from: [],
  proof: [],
  end: 'healed',
  targets: [
    { subject: 'node', name: 'control-1', node: 'control-1', uid: 'u', said: '18:02:05', ...target },
  ] as readonly BoundTarget[],
  ...more,
});
const spoken = [{ node: 'control-1', said: '18:02:05' }];

describe('nodes that start again', () => {
  it('are those whose power or kubelet ended, and no others', () => {
    expect(startedAgain(injection('node-power-off', {}))).to.deep.equal(spoken);
    expect(startedAgain(injection('node-reboot', {}))).to.deep.equal(spoken);
    expect(startedAgain(injection('service-stop', { subject: 'unit', unit: 'kubelet' }))).to.deep.equal(
      spoken,
    );
    expect(startedAgain(injection('service-stop', { subject: 'unit', unit: 'etcd' }))).to.deep.equal([]);
    expect(startedAgain(injection('node-freeze', {}))).to.deep.equal([]);
    expect(startedAgain(injection('network-partition', { subject: 'link' }))).to.deep.equal([]);
  });

  it('lack something as long as the API repeats what they said before', () => {
    const topology = reference();
    const heard = (said: string): typeof topology => ({
      ...topology,
      live: { ...topology.live, nodes: topology.live.nodes.map((live) => ({ ...live, ready: true, said })) },
    });
    expect(silentSince(spoken, heard('18:02:05'))).to.deep.equal([
      'node control-1 has not spoken since it was hurt',
    ]);
    expect(silentSince(spoken, heard('18:02:19'))).to.deep.equal([]);
  });
});
