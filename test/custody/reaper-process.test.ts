import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { createReaperLauncher } from '../../src/adapters/system/reaper-process.ts';
import { createStateFolder } from '../../src/adapters/system/state-folder.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { openJournal } from '../../src/custody/open-journal.ts';
import { readJournal } from '../../src/custody/read-open-entries.ts';
import type { Reaper } from '../../src/ports/reaper.ts';
import { json, startApiServer } from '../adapters/kubernetes/api-server.ts';
import { entryOf } from './written-entries.ts';

describe('the reaper process', function () {
  this.timeout(20_000);
  let folder: string;
  let reaper: Reaper | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-reaper-'));
    reaper = undefined;
  });
  afterEach(async () => {
    if (reaper?.alive()) process.kill(reaper.pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const launcher = () =>
    createReaperLauncher({ entryPath, environment: { ...process.env, XDG_STATE_HOME: folder } });
  const store = () => createStateFolder(join(folder, 'squall'));

  async function until(done: () => Promise<boolean> | boolean): Promise<void> {
    for (let n = 0; n < 150; n++) {
      if (await done()) return;
      await sleep(100);
    }
    const log = await readFile(join(folder, 'squall', 'reaper', 'run-1.log'), 'utf8').catch(() => 'no log');
    throw new Error(`it did not happen; the reaper said: ${log}`);
  }

  it('shrugs off the signals of a terminal, ends what has expired, and leaves when the run is closed', async () => {
    const clock = createSystemClock();
    const journal = await openJournal(store(), {
      run: 'run-1',
      clock,
      self: { host: 'h', pid: process.pid },
    });
    const reapers = launcher();
    reaper = await reapers.launch({ run: 'run-1', lab: 'existing' });
    expect(reaper.alive()).to.equal(true);
    process.kill(reaper.pid, 'SIGINT');
    process.kill(reaper.pid, 'SIGTERM');
    // A pod's deletion needs no lab to be healed; held by the reaper it shows that the loop reads, heals and writes.
    const entry = entryOf('run-1/a', {
      fault: 'pod-delete',
      duration: { ms: 0 },
      expires: clock.now(),
      before: {},
    });
    await journal.intend(entry);
    await until(async () => (await readJournal(store(), 'run-1')).open.length === 0);
    expect(await reapers.left({ ms: 300 })).to.equal(false);
    await journal.close();
    expect(await reapers.left({ ms: 10_000 })).to.equal(true);
    expect(reaper.alive()).to.equal(false);
  });

  it('takes off a cordon at its declared end, on the cluster of the run and on no other', async () => {
    const clock = createSystemClock();
    const server = await startApiServer();
    const changes: unknown[] = [];
    let node: object = {
      metadata: {
        name: 'n',
        uid: 'uid-n',
        resourceVersion: '7',
        annotations: { 'squall.dev/cordoned-by': 'run-1/a' },
      },
      spec: { unschedulable: true },
    };
    server.answer((request, response, url, body) => {
      if (request.method === 'PATCH') {
        changes.push(JSON.parse(body));
        node = { metadata: { name: 'n', uid: 'uid-n', resourceVersion: '8' }, spec: {} };
      }
      const kubeSystem = { metadata: { name: 'kube-system', uid: 'uid-of-the-cluster' } };
      json(response, 200, url.pathname === '/api/v1/nodes/n' ? node : kubeSystem);
    });
    try {
      const journal = await openJournal(store(), {
        run: 'run-1',
        clock,
        self: { host: 'h', pid: process.pid },
      });
      const target = { subject: 'node' as const, name: 'n', node: 'n', uid: 'uid-n' };
      const connection = { kubeconfig: server.kubeconfig, context: 'other' };
      reaper = await launcher().launch({ run: 'run-1', lab: 'existing', connection });
      const now = clock.now();
      const entry = entryOf('run-1/a', {
        fault: 'node-drain',
        targets: [target],
        duration: { ms: 500 },
        expires: { ...now, ns: now.ns + 500e6 },
        before: { cluster: 'uid-of-the-cluster', schedulable: ['n'] },
      });
      await journal.intend(entry);
      await sleep(300);
      expect(changes, 'before its end').to.deep.equal([]);
      await until(async () => (await readJournal(store(), 'run-1')).open.length === 0);
      expect(changes).to.deep.equal([
        {
          metadata: { annotations: { 'squall.dev/cordoned-by': null }, resourceVersion: '7' },
          spec: { unschedulable: null },
        },
      ]);
      await journal.close();
      await until(() => reaper?.alive() === false);
    } finally {
      await server.close();
    }
  });

  it('refuses to start on a lab that there is not, with the reason', async () => {
    const error = await launcher()
      .launch({ run: 'run-1', lab: 'nowhere' })
      .catch((reason: unknown) => reason);
    expect(String(error)).to.contain('There is no lab `nowhere`');
  });
});
