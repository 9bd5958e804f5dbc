import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { entryPath } from '../../src/adapters/system/entry-path.ts';
import { createLaneLauncher } from '../../src/adapters/system/lane-processes.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { runConformance } from '../../src/conformance/stage.ts';
import type { CaseResult } from '../../src/model/conformance.ts';
import { milliseconds, seconds } from '../../src/model/duration.ts';
import { NO_FOLDER, NO_LEDGER, NO_PROGRESS } from '../suites/run-in-process.ts';
import { WrittenSuites } from './written-suites.ts';

describe('lanes as processes', () => {
  let suites: WrittenSuites;
  before(() => (suites = new WrittenSuites()));
  after(() => suites.remove());

  it('account for cases that pass, fail, are skipped, hang for good, and end the process', async function () {
    this.timeout(40_000);
    const files = [
      suites.write(
        'real/fine',
        `it('passes', { title: 'passes', tags: ['read'] }, () => {});
         it('fails', { title: 'fails', tags: ['read'] }, () => { expect('found').to.equal('expected'); });
         it('lacks', { title: 'lacks', tags: ['read'], needs: ['power'] }, () => {});
         it('rejects', { title: 'forgets a promise', tags: ['read'] }, async () => {
           Promise.reject(new Error('nobody waited for this'));
           await new Promise((resolve) => setTimeout(resolve, 20));
         });`,
      ),
      suites.write(
        'real/waits',
        `it('waits', { title: 'waits', tags: ['read'] }, () => new Promise(() => {}));`,
      ),
      suites.write(
        'real/leaves',
        `it('leaves', { title: 'ends its process', tags: ['read'] }, () => process.exit(3));
         it('after', { title: 'comes after', tags: ['read'] }, () => {});`,
      ),
      suites.write(
        'real/blocks',
        `it('blocks', { title: 'blocks its process', tags: ['read'] }, () => { for (;;) ; });`,
      ),
      suites.write('real/broken', '', `throw new Error('broken at the top');`),
    ];
    const streamed: CaseResult[] = [];
    const written: Record<string, unknown> = {};
    const { results, planned } = await runConformance(
      {
        stage: 'alone',
        run: 'r1',
        selection: { suites: [], tags: [] },
        files,
        connection: {},
        abilities: [],
        lanes: 2,
        client: 'strict',
        caseTimeout: milliseconds(300),
        fileTimeout: seconds(4),
      },
      {
        lanes: createLaneLauncher(entryPath('lane')),
        clock: createSystemClock(),
        progress: NO_PROGRESS,
        ledger: NO_LEDGER,
        folder: {
          ...NO_FOLDER,
          path: suites.folder,
          write: async (name, content) => void (written[name] = content),
          append: (_name, line) => void streamed.push(line as CaseResult),
        },
      },
      new AbortController().signal,
    );
    const told = Object.fromEntries(
      results.map(({ id, outcome, reason }) => [
        id,
        `${outcome}${reason === undefined ? '' : `: ${reason}`}`,
      ]),
    );
    expect(told).to.deep.equal({
      'real/fine/passes': 'passed',
      'real/fine/fails': "failed: expected 'found' to equal 'expected'",
      'real/fine/lacks': 'skipped: The lab lacks the ability power.',
      'real/fine/rejects': 'failed: nobody waited for this',
      'real/waits/waits':
        'unknown: It is not known how the case would have ended: it took longer than 300ms.',
      'real/leaves/leaves': 'unknown: The lane ended with code 3.',
      'real/leaves/after': 'unknown: It was not reached: The lane ended with code 3.',
      'real/blocks/blocks': 'unknown: The file took longer than 4s, so its lane was ended.',
      'real/broken/file': 'unknown: The suite real/broken could not be loaded: broken at the top',
    });
    expect(planned.map(({ id }) => id)).to.have.members(Object.keys(told));
    expect(streamed.map(({ id }) => id)).to.have.members(Object.keys(told));
    expect(written).to.have.property('conformance/alone.json');
  });
});
