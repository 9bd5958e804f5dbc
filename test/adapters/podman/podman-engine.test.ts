import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createPodmanEngine } from '../../../src/adapters/podman/podman-engine.ts';
import type { HarnessError } from '../../../src/model/errors.ts';
import type { MachineSpec } from '../../../src/ports/container-engine.ts';
import type { CommandResult, RunCommand } from '../../../src/ports/run-command.ts';

const ok = (stdout = ''): CommandResult => ({ code: 0, stdout, stderr: '' });
const failed = (stderr: string, code = 125): CommandResult => ({ code, stdout: '', stderr });

/** Answers by the beginning of the command line, and remembers what was asked. */
function recording(answers: Readonly<Record<string, CommandResult | (() => CommandResult)>>): {
  run: RunCommand;
  asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    run: async ({ arguments: given }) => {
      const line = given.join(' ');
      asked.push(line);
      const found = Object.entries(answers).find(([start]) => line.startsWith(start))?.[1] ?? ok();
      return typeof found === 'function' ? found() : found;
    },
  };
}

const machine: MachineSpec = {
  name: 'squall-control-1',
  hostname: 'control-1',
  image: 'localhost/node:1',
  labels: { 'squall.dev/lab': 'abc' },
  network: { name: 'net', address: '10.77.0.11', mac: '02:00:00:00:00:11' },
  binds: [{ from: '/a', to: '/b', readOnly: true }],
  inMemory: ['/run'],
  cpuShares: 512,
  cgroupParent: 'group',
};

async function errorOf(work: Promise<unknown>): Promise<HarnessError> {
  try {
    await work;
  } catch (error) {
    return error as HarnessError;
  }
  throw new Error('It did not fail.');
}

describe('the podman engine', () => {
  it('finds a runtime and limits that start here, once', async () => {
    const { run, asked } = recording({
      'run --rm --privileged --network=none --cgroupns=private --pull=never --entrypoint=/bin/true --runtime=crun':
        failed('Error: crun: cgroups in hybrid mode not supported'),
      'run --rm --privileged --network=none --cgroupns=private --pull=never --entrypoint=/bin/true --runtime=runc --ulimit=nofile=1048576':
        failed('runc: error setting rlimit type 6: operation not permitted'),
    });
    const engine = createPodmanEngine(run);
    await engine.run(machine);
    await engine.run({ ...machine, name: 'squall-control-2' });
    const tries = asked.filter((line) => line.startsWith('run --rm'));
    expect(tries.length).to.equal(3);
    const started = asked.filter((line) => line.startsWith('run --detach'));
    expect(started.length).to.equal(2);
    expect(started[0]).to.contain('--runtime=runc --ulimit=nofile=20000:20000');
  });

  it('labels what it makes, and keeps the control groups of this host out of it', async () => {
    const { run, asked } = recording({});
    await createPodmanEngine(run).run(machine);
    const started = asked.at(-1) ?? '';
    expect(started).to.contain('--label squall.dev/lab=abc');
    expect(started).to.contain('--systemd=false');
    expect(started).to.contain('--cgroupns=private');
    expect(started).to.contain('--volume=/a:/b:ro');
    expect(started).to.contain('--ip=10.77.0.11 --mac-address=02:00:00:00:00:11');
  });

  it('says what each try said when nothing starts', async () => {
    const { run } = recording({ 'run --rm': failed('Error: no way') });
    const error = await errorOf(createPodmanEngine(run).run(machine));
    expect(error.code).to.equal('SQ_LAB');
    expect(error.message)
      .to.contain('--runtime=crun')
      .and.to.contain('--runtime=runc')
      .and.to.contain('no way');
  });

  it('thaws a paused container before it kills it', async () => {
    const paused = JSON.stringify([
      { Name: 'n', State: { Status: 'paused', Pid: 7 }, Config: { Labels: null } },
    ]);
    const { run, asked } = recording({ 'container inspect': ok(paused) });
    await createPodmanEngine(run).kill('n');
    const verbs = asked.map((line) => line.split(' ')[0]);
    expect(verbs.indexOf('unpause')).to.be.greaterThan(-1);
    expect(verbs.indexOf('unpause')).to.be.lessThan(verbs.indexOf('kill'));
  });

  it('may be told twice', async () => {
    const { run } = recording({
      'container inspect': ok('[]'),
      kill: failed('Error: can only kill running containers. n is in state exited: container state improper'),
      unpause: failed('Error: "n" is not paused, can\'t unpause: container state improper'),
      'network rm': failed('Error: unable to find network with name or ID n: network not found', 1),
    });
    const engine = createPodmanEngine(run);
    await engine.kill('n');
    await engine.unpause('n');
    await engine.removeNetwork('n');
  });

  it('turns what podman says into an error with a remedy, and does not call a timeout certain', async () => {
    const used = recording({
      'network create': failed('Error: subnet 10.77.0.0/24 is already used on the host'),
    });
    const spec = { name: 'n', subnet: '10.77.0.0/24', labels: {} };
    const error = await errorOf(createPodmanEngine(used.run).createNetwork(spec));
    expect(error.remedy).to.contain('podman network ls');
    const slow = recording({ start: failed('', 124) });
    expect((await errorOf(createPodmanEngine(slow.run).start('n'))).definite).to.equal(false);
  });

  it('reads what is there', async () => {
    const { run } = recording({
      ps: ok(
        JSON.stringify([
          { Names: ['squall-control-1'], State: 'running', Labels: { a: 'b' } },
          { State: 'exited' },
        ]),
      ),
      'container inspect': failed('Error: inspecting object: no such container x'),
    });
    const engine = createPodmanEngine(run);
    expect(await engine.list('a')).to.deep.equal([
      { name: 'squall-control-1', state: 'running', labels: { a: 'b' } },
      { name: '', state: 'ended', labels: {} },
    ]);
    expect(await engine.inspect('x')).to.equal(undefined);
  });
});
