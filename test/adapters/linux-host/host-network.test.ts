import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createHostNetwork, type Card } from '../../../src/adapters/linux-host/host-network.ts';
import type { RunCommand } from '../../../src/ports/run-command.ts';

const CARD: Card = {
  name: 'outside',
  id: 7,
  port: 4791,
  on: 'bridge0',
  local: '10.0.0.1',
  peers: ['10.0.0.2', '10.0.0.3'],
  address: '10.9.0.1/24',
};

/** A host whose interfaces are these. */
function host(links: Set<string>): { readonly run: RunCommand; readonly said: string[] } {
  const said: string[] = [];
  const run: RunCommand = async ({ program, arguments: given }) => {
    const line = [program, ...given].join(' ');
    if (line.startsWith('ip link show')) {
      return { code: links.has(given[2] ?? '') ? 0 : 1, stdout: '', stderr: '' };
    }
    said.push(line);
    if (line.startsWith('ip link add')) links.add(given[2] ?? '');
    return { code: 0, stdout: '', stderr: '' };
  };
  return { run, said };
}

describe('a card of this host among others', () => {
  it('lies on the interface that it goes with, and floods to each of the others', async () => {
    const { run, said } = host(new Set());
    await createHostNetwork(run).joinCard(CARD);
    expect(said).to.deep.equal([
      'ip link add outside type vxlan id 7 dstport 4791 local 10.0.0.1 dev bridge0',
      'bridge fdb append 00:00:00:00:00:00 dev outside dst 10.0.0.2',
      'bridge fdb append 00:00:00:00:00:00 dev outside dst 10.0.0.3',
      'ip link set outside up',
      'ip address replace 10.9.0.1/24 dev outside',
    ]);
  });

  it('is made once, and made anew when its interface took it away', async () => {
    const links = new Set<string>();
    const { run, said } = host(links);
    const network = createHostNetwork(run);
    await network.joinCard(CARD);
    said.length = 0;
    await network.joinCard(CARD);
    expect(said).to.deep.equal(['ip link set outside up', 'ip address replace 10.9.0.1/24 dev outside']);
    links.clear();
    await network.joinCard(CARD);
    expect(said).to.include('bridge fdb append 00:00:00:00:00:00 dev outside dst 10.0.0.3');
  });
});
