import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { packageFolder } from '../../src/entries/places.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import { bringUp, clock, hostAtFirst, isShort, keepsLab, lab, say } from './the-lab.ts';
import { hostTraces } from '../../bench/lab/host-traces.ts';

const command = join(packageFolder(), 'dist', 'cli', 'squall.mjs');

/** More of them are killed by `bench/lab`. */
const KILLS = 2;

if (!keepsLab)
  describe('the reference lab goes down', () => {
    after(() => lab.down(() => undefined));

    it('and leaves this host as it was', async () => {
      await lab.down(() => undefined);
      expect(hostTraces()).to.deep.equal(hostAtFirst());
    });

    // CI has seen it come up, from the snapshot where there was one.
    if (!isShort)
      it('and comes up again from the snapshot', async () => {
        const { lines, seconds } = await bringUp();
        say(lines.map((line) => `        ${line}`).join('\n'));
        expect(lines).to.include('Starting from the snapshot.');
        expect(seconds).to.be.lessThan(150);
        await lab.down(() => undefined);
      });

    it('leaving nothing when its `up` is killed at any instant', async () => {
      const random = seededRandom('kill -9 of lab up');
      for (let round = 0; round < KILLS; round++) {
        const afterMs = 200 + random.integer(12_000);
        const child = spawn(
          process.execPath,
          [command, 'lab', 'up', '--lab', 'reference', '--without', 'openstack'],
          {
            stdio: 'ignore',
          },
        );
        await clock.sleep({ ms: afterMs });
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        await lab.down(() => undefined);
        expect(hostTraces(), `killed after ${afterMs} ms`).to.deep.equal(hostAtFirst());
      }
    });
  });
