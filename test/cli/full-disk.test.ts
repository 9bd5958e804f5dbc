import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { traces } from './leftovers.ts';
import { makeHome, squall, type Home } from './squall-process.ts';

const PLAN = `# Wants to learn: what becomes of a fault when the disk under the run folder is full?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: full}
probes:
  - {name: readyz, probe: http, endpoint: kubernetes, path: /readyz, every: 100ms, timeout: 1s, connection: new}
method:
  - fault: node-power-off
    selector: {role: control}
    mode: one
    duration: 4s
baseline: 500ms
`;

/** Just enough for the opening of a run and its fault; what is written at the end no longer fits. */
const DISK = '88k';

describe('a full disk under the run folder', function () {
  this.timeout(90_000);
  // A second try would find the folder of the first, and tell of that in place of what went wrong.
  this.retries(0);
  let home: Home;

  before(async () => {
    home = await makeHome();
  });
  after(async () => {
    await squall(home, ['lab', 'down']);
    await home.remove();
  });

  it('is said in one sentence with exit 4; everything injected is healed, and nothing is left', async () => {
    const reports = join(home.path, 'reports');
    await mkdir(reports);
    await writeFile(join(home.path, 'full.yaml'), PLAN);
    const before = traces(home.path);
    const command = `mount -t tmpfs -o size=${DISK} none "${reports}" && exec "${process.execPath}" dist/cli/squall.mjs run "${join(home.path, 'full.yaml')}"`;
    // A mount namespace of its own: the disk is gone with the process.
    const child = spawn('unshare', ['--mount', '--map-root-user', 'sh', '-c', command], {
      env: home.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(said).to.match(/SQ_RUN_FOLDER/);
    expect(said).to.match(/ENOSPC/);
    expect(code, said).to.equal(4);
    // The reaper sees at its next look that the run is closed, and leaves.
    for (let looks = 0; looks < 20 && traces(home.path).processes.length > 0; looks += 1) await sleep(100);
    expect(traces(home.path)).to.deep.equal(before);
    // The state folder is another disk: the line that says *healed* is on it, and the journal is put away.
    const closed = join(home.path, 'state', 'squall', 'closed');
    const [run = ''] = await readdir(closed);
    const journal = await readFile(join(closed, run, 'harness-000.ndjson'), 'utf8');
    expect(journal)
      .to.match(/"kind":"healed".*"ok":true/)
      .and.to.contain('"kind":"closed"');
    const healed = await squall(home, ['heal']);
    expect(healed.code, healed.stderr).to.equal(0);
  });
});
