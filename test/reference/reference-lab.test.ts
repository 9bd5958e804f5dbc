import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { composeReferenceLab } from '../../src/entries/compose-reference-lab.ts';
import { packageFolder, stateFolder } from '../../src/entries/places.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';

/** With podman, as root, on Linux: takes minutes, and is run by `npm run test:reference` alone. */
const clock = createSystemClock();
const lab = composeReferenceLab({ clock, chance: createSystemChance(), environment: process.env });
const never = new AbortController().signal;
const folder = join(stateFolder(process.env), 'labs', 'reference');
const command = join(packageFolder(), 'dist', 'cli', 'squall.mjs');

const said = (program: string, ...given: string[]): string =>
  execFileSync(program, given, { encoding: 'utf8' });

/** Everything of this host that a lab could leave changed. */
function tracesOf(): Record<string, unknown> {
  const groups = readdirSync('/sys/fs/cgroup', { recursive: false, encoding: 'utf8' });
  const ours = groups.filter((name) => existsSync(join('/sys/fs/cgroup', name, 'squall-reference')));
  return {
    containers: said('podman', 'ps', '--all', '--external', '--format', '{{.Names}}')
      .split('\n')
      .filter((name) => name.startsWith('squall-control') || name.startsWith('squall-compute')),
    networks: said('podman', 'network', 'ls', '--format', '{{.Name}}').split('\n').sort(),
    routes: said('ip', 'route').split('\n').sort(),
    mounts: readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes('/labs/reference/')),
    loops: said('losetup', '--list', '--noheadings', '--output', 'BACK-FILE')
      .split('\n')
      .filter((line) => line.includes('/labs/reference/')),
    groups: ours,
    forwards: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    state: existsSync(folder),
  };
}

async function upWithin(seconds: number): Promise<readonly string[]> {
  const lines: string[] = [];
  const start = clock.now().ns;
  await lab.up((says) => lines.push(says), never);
  const took = (clock.now().ns - start) / 1e9;
  expect(took, lines.join('\n')).to.be.lessThan(seconds);
  return lines;
}

describe('the reference lab', () => {
  let before: Record<string, unknown>;
  after(() => lab.down(() => undefined));

  it('starts from nothing', async () => {
    await lab.down(() => undefined);
    before = tracesOf();
    expect(before['state']).to.equal(false);
  });

  it('comes up, shows five nodes and answers through its address', async () => {
    await upWithin(150);
    const { state, nodes } = await lab.status();
    expect(state).to.equal('up');
    expect(nodes.map(({ name, power }) => `${name} ${power}`)).to.deep.equal([
      'control-1 on',
      'control-2 on',
      'control-3 on',
      'compute-1 on',
      'compute-2 on',
    ]);
    for (const { name } of nodes) expect(await lab.abilities.look?.(name, { ms: 1000 })).to.equal('answers');
    const { kubeconfig = '' } = await lab.connection();
    expect(statSync(kubeconfig).mode & 0o777).to.equal(0o600);
  });

  it('cuts links in the kernel of the nodes, and they come back with nobody left to do it', async () => {
    const links = lab.abilities.links;
    if (links === undefined) throw new Error('There are no links.');
    await links.add({
      id: 'test/cut',
      run: 'test',
      groupA: ['compute-1'],
      groupB: ['compute-2'],
      direction: 'both',
      ports: [],
      effect: { kind: 'cut' },
      expiresAfter: { ms: 4000 },
    });
    expect(await links.reach('compute-1', 'compute-2', { ms: 700 })).to.equal('silent');
    expect(await links.reach('compute-1', 'control-1', { ms: 700 })).to.equal('answers');
    expect((await links.rules()).map(({ node }) => node).sort()).to.deep.equal(['compute-1', 'compute-2']);
    await clock.sleep({ ms: 4500 });
    expect(await links.rules()).to.deep.equal([]);
    expect(await links.reach('compute-1', 'compute-2', { ms: 2000 })).to.equal('answers');
  });

  it('stops a unit, which its node starts again', async () => {
    const units = lab.abilities.units;
    await units?.stop('compute-2', 'kubelet', { id: 'test/unit', startAgainAfter: { ms: 5000 } });
    expect(await units?.look('compute-2', 'kubelet', { ms: 500 })).to.equal('refused');
    await clock.sleep({ ms: 7000 });
    expect(await units?.look('compute-2', 'kubelet', { ms: 500 })).to.equal('answers');
  });

  it('freezes, thaws, and cuts power, also of a node that is frozen', async () => {
    const { power, look } = lab.abilities;
    await power?.freeze?.('compute-2');
    expect(await look?.('compute-2', { ms: 500 })).to.equal('silent');
    await power?.thaw?.('compute-2');
    expect(await look?.('compute-2', { ms: 2000 })).to.equal('answers');
    await power?.freeze?.('compute-2');
    await power?.off('compute-2');
    await power?.off('compute-2');
    expect(await power?.state('compute-2')).to.equal('off');
    await power?.on('compute-2');
    expect(await power?.state('compute-2')).to.equal('on');
  });

  it('goes down and leaves this host as it was', async () => {
    await lab.down(() => undefined);
    expect(tracesOf()).to.deep.equal(before);
  });

  it('comes up again from the snapshot', async () => {
    const lines = await upWithin(90);
    expect(lines).to.include('Starting from the snapshot.');
    await lab.down(() => undefined);
  });

  it('leaves nothing when its `up` is killed at any instant', async () => {
    const random = seededRandom('kill -9 of lab up');
    for (let round = 0; round < Number(process.env['KILLS'] ?? 5); round++) {
      const afterMs = 200 + random.integer(12_000);
      const child = spawn(process.execPath, [command, 'lab', 'up', '--lab', 'reference'], {
        stdio: 'ignore',
      });
      await clock.sleep({ ms: afterMs });
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await lab.down(() => undefined);
      expect(tracesOf(), `killed after ${afterMs} ms`).to.deep.equal(before);
    }
  });
});
