import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { hasQuotas } from '../../../src/adapters/linux-host/volume-quotas.ts';
import type { LabTools } from '../../../src/labs/reference/lab-tools.ts';
import {
  beginCommand,
  pressureOf,
  readFelt,
  readHeld,
  ROOM_BYTES,
} from '../../../src/labs/reference/pressure.ts';
import { createReferenceLab } from '../../../src/labs/reference/reference-lab.ts';
import { containerOf, NODE_LABEL, NODE_SHAPES } from '../../../src/labs/reference/shape.ts';
import type { PressureOrder } from '../../../src/ports/lab.ts';

const order = (changed: Partial<PressureOrder> = {}): PressureOrder => ({
  id: 'run-1/s',
  run: 'run-1',
  node: 'control-1',
  what: { kind: 'memory' },
  amount: 5e8,
  endsAfter: { ms: 30_000 },
  ...changed,
});

interface Said {
  readonly node: string;
  readonly command: readonly string[];
}

function toolsWith({
  answer = '',
  code = 0,
  running = NODE_SHAPES.map(({ name }) => name) as readonly string[],
  quotas = true,
}): { readonly tools: LabTools; readonly said: Said[] } {
  const said: Said[] = [];
  const engine = {
    list: async () =>
      running.map((node) => ({ name: containerOf(node), state: 'running', labels: { [NODE_LABEL]: node } })),
    exec: async (container: string, command: readonly string[]) => {
      said.push({ node: container.replace('squall-', ''), command });
      return { code, stdout: answer, stderr: code === 0 ? '' : 'nothing is held: too much\n' };
    },
  };
  const clock = { wall: () => '2026-01-01T00:00:00.000Z', now: () => ({ clock: 'c', ns: 0 }) };
  return { tools: { engine, clock, quotas: () => quotas } as unknown as LabTools, said };
}

describe('labs/reference: pressure', () => {
  it('tells the node when it ends by the clock of both, how much is taken, and what stays for others', () => {
    expect(beginCommand(order(), 1234.6)).to.deep.equal([
      'node-pressure',
      'begin',
      ...['-id', 'run-1/s', '-run', 'run-1', '-kind', 'memory'],
      ...['-until', '1235', '-amount', '500000000', '-room', String(ROOM_BYTES)],
    ]);
    expect(beginCommand(order({ what: { kind: 'disk', path: '/var/lib/etcd' } }), 1)).to.include.members([
      'disk',
      '-path',
      '/var/lib/etcd',
    ]);
    expect(beginCommand(order({ what: { kind: 'descriptors', unit: 'etcd' } }), 1)).to.include.members([
      'descriptors',
      '-unit',
      'etcd',
    ]);
  });

  it('counts the end from the call, and says why nothing was taken', async () => {
    const { tools, said } = toolsWith({});
    await pressureOf(tools).press(order());
    expect(said).to.have.length(1);
    expect(said[0]?.node).to.equal('control-1');
    expect(said[0]?.command).to.include(String(Date.UTC(2026, 0, 1) + 30_000));
    const refused = await pressureOf(toolsWith({ code: 1 }).tools)
      .press(order())
      .catch((error: unknown) => String(error));
    expect(refused).to.contain('nothing is held: too much');
  });

  it('asks nothing of a node that is off, where nothing can be held', async () => {
    const { tools, said } = toolsWith({ running: ['control-2'] });
    const pressure = pressureOf(tools);
    await pressure.relieve('control-1', 'run-1/s');
    expect(await pressure.found('control-1')).to.deep.equal([]);
    expect(await pressure.feel('control-1', { kind: 'cpu' })).to.equal(undefined);
    expect(said).to.deep.equal([]);
    await pressure.relieve('control-2', 'run-1/s');
    expect(said.map(({ command }) => command.slice(-3))).to.deep.equal([['end', '-id', 'run-1/s']]);
  });

  it('ends nothing and finds nothing on nodes that were made before there was such a program, and does not fail', async () => {
    const { tools, said } = toolsWith({});
    expect(await pressureOf(tools).found('control-1')).to.deep.equal([]);
    expect(said[0]?.command.join(' ')).to.contain('command -v node-pressure >/dev/null || exit 0');
  });

  it('reads what is held once, though it is held and written down', () => {
    const line = '{"id":"a/b","run":"a","kind":"descriptors"}';
    expect(readHeld(`${line}\n${line}\n{"id":"a/c","run":"a","kind":"cpu"}\n`)).to.deep.equal([
      { id: 'a/b', run: 'a', kind: 'descriptors' },
      { id: 'a/c', run: 'a', kind: 'cpu' },
    ]);
    expect(readHeld('')).to.deep.equal([]);
  });

  it('takes no half of an answer for one', () => {
    expect(readFelt('{"total":2,"left":1,"works":true}')).to.deep.equal({ total: 2, left: 1, works: true });
    expect(() => readFelt('{"total":2,"left":1}')).to.throw('A look at a node said');
  });

  it('fills no disk whose volumes have no limit of their own, and says why', async () => {
    expect(pressureOf(toolsWith({ quotas: false }).tools).kinds).to.deep.equal([
      'cpu',
      'memory',
      'descriptors',
      'conntrack',
    ]);
    expect(pressureOf(toolsWith({}).tools).kinds).to.include('disk');
    const lab = (quotas: boolean): ReturnType<typeof createReferenceLab> =>
      createReferenceLab({
        ...toolsWith({ quotas }).tools,
        folder: '/nowhere',
        cacheFolder: '/tmp',
        disk: { attached: async () => false },
        tunnels: () => true,
      } as unknown as LabTools);
    const missing = async (quotas: boolean): Promise<readonly string[]> =>
      (await lab(quotas).missing()).map(({ ability }) => ability);
    expect(await missing(false)).to.include('pressure-disk');
    expect(await missing(true)).to.include('node-clock');
    const clock = (await lab(true).missing()).find(({ ability }) => ability === 'node-clock');
    expect(clock?.reason).to.contain('share the clock of this host');
  });

  it('has a folder that is no btrfs of its own without limits', () => {
    expect(hasQuotas('/nowhere')).to.equal(false);
    expect(hasQuotas('/proc')).to.equal(false);
  });

  it('finds its program in the node image, and gives each volume a limit when its node boots', () => {
    const lock = readFileSync('reference/versions.lock.yaml', 'utf8');
    expect(lock).to.match(/binaries:\s*\[[^\]]*\bnode-pressure\b[^\]]*\]/);
    expect(existsSync('reference/node-pressure/go.mod')).to.equal(true);
    const unit = readFileSync('reference/node/files/etc/systemd/system/squall-node.service', 'utf8');
    // Without the dash a kernel that knows no such limits would have no nodes.
    expect(unit).to.match(/^ExecStart=-\S+node-pressure quota -path \/var -bytes \d+$/m);
  });
});
