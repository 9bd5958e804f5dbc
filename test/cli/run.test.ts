import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import type { Topology } from '../../src/model/topology.ts';
import { traces, type Traces } from './leftovers.ts';
import { makeHome, squall, type Ended, type Home } from './squall-process.ts';

/** One pod deletion, with few cases around it: the whole story in some 15 seconds. */
const SMALL_PLAN = `# Wants to learn: does the smallest story run?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: small}
conformance:
  before: {tags: [smoke], grep: 'kubernetes/'}
  after: {tags: [smoke], grep: 'kubernetes/'}
probes:
  - {name: readyz, probe: http, endpoint: kubernetes, path: /readyz, every: 50ms, timeout: 1s, connection: new}
  - {name: keystone, probe: openstack-read, endpoint: keystone, every: 100ms, timeout: 1s, connection: reused}
method:
  - fault: pod-delete
    selector: {service: keystone, role: api}
    mode: one
  - {wait: recovered, ceiling: 30s}
baseline: 1s
# Other tests run beside, and one late sample is 2 % of so short a run.
limits: {maxUnseen: 15%}
objectives:
`;

const CAN_HOLD = `${SMALL_PLAN}  - {objective: availability, minimum: 50%}\n  - {objective: conformance, stage: after}\n  - {objective: nothing-leaked}\n`;

/** Nobody answers within a microsecond of a request that takes a millisecond; no cloud keeps this. */
const CANNOT_HOLD = `${SMALL_PLAN}  - {name: too-much-to-ask, objective: recovery-time, of: redundancy, maximum: 1ms}\n`;

describe('squall run', function () {
  this.timeout(120_000);
  // One run is looked at from many sides: a second look at it would tell nothing else, or what the first look spoiled.
  this.retries(0);
  let home: Home;
  let beforeAll: Traces;
  let ended: Ended;
  let folder: string;

  before(async () => {
    home = await makeHome();
    beforeAll = traces(home.path);
    await writeFile(join(home.path, 'small.yaml'), CAN_HOLD);
    ended = await squall(home, ['run', join(home.path, 'small.yaml'), '--seed', '7']);
    const [run] = await readdir(join(home.path, 'reports'));
    folder = join(home.path, 'reports', run ?? 'none');
  });
  after(() => home.remove());

  it('passes, and says so on stdout, with progress on stderr', () => {
    expect(ended.code, ended.stderr + ended.stdout).to.equal(0);
    expect(ended.stdout).to.match(/pass/i);
    expect(ended.stderr).to.match(/conformance before/);
  });

  it('keeps every part of the evidence', async () => {
    expect(await readdir(folder)).to.include.members([
      'run.json',
      'plan.yaml',
      'plan.json',
      'subject.json',
      'topology-before.json',
      'topology-after.json',
      'schedule.json',
      'chaos.json',
      'samples',
      'events.ndjson',
      'conformance',
      'journal',
      'leftovers.json',
      'end.json',
      'analysis.json',
      'verdict.json',
      'report.json',
      'report.html',
      'junit.xml',
      'summary.md',
      'allure-results',
      'log.ndjson',
    ]);
  });

  it('finds the topology that the plans of this package are checked against', async () => {
    const found = JSON.parse(await readFile(join(folder, 'topology-before.json'), 'utf8')) as Topology;
    const file = 'chaos-plans/rehearsal.topology.json';
    if (process.env.SQUALL_WRITE_GENERATED === '1') await cp(join(folder, 'topology-before.json'), file);
    const committed = JSON.parse(await readFile(file, 'utf8')) as Topology;
    // Ports and ids are drawn anew each time; nothing that a schedule is drawn from may be.
    const lasting = ({ nodes, services, timers, abilities, disclosures }: Topology): object => ({
      nodes: nodes.map(({ addresses: _addresses, ...node }) => node),
      // Where the scheduler put a replica may differ; which replicas there are may not.
      services: services.map(({ members, ...service }) => ({
        ...service,
        ranks: members.map(({ rank }) => rank),
      })),
      timers,
      abilities,
      disclosures,
    });
    expect(lasting(found), 'write it again with SQUALL_WRITE_GENERATED=1 npm test').to.deep.equal(
      lasting(committed),
    );
  });

  it('is judged again to the same bytes', async () => {
    const files = ['analysis.json', 'verdict.json', 'report.json', 'report.html', 'junit.xml', 'summary.md'];
    const read = (): Promise<readonly string[]> =>
      Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
    const first = await read();
    await Promise.all(files.map((file) => rm(join(folder, file))));
    const again = await squall(home, ['judge', folder]);
    expect(again.code, again.stderr).to.equal(0);
    const second = await read();
    files.forEach((file, index) => expect(second[index], file).to.equal(first[index]));
  });

  it('leaves nothing behind', () => {
    expect(traces(home.path)).to.deep.equal(beforeAll);
  });

  it('keeps its secrets to itself', async () => {
    const clouds = join(home.path, 'state', 'squall', 'labs', 'rehearsal');
    // The lab is down and its credentials are gone with it; what it used must not be in the run folder either.
    expect(await readdir(clouds).catch(() => [])).to.deep.equal([]);
    for (const name of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const text = await readFile(join(name.parentPath, name.name), 'latin1');
      expect(text, name.name).not.to.match(/"(password|token)":"(?!\*\*\*)[^"]{8,}/i);
    }
  });

  it('refuses a stored run that is truncated or of another version with exit 2', async () => {
    for (const [name, spoil] of SPOILED) {
      const copy = join(home.path, `spoiled-${name}`);
      await cp(folder, copy, { recursive: true });
      await spoil(copy);
      const { code, stderr } = await squall(home, ['judge', copy]);
      expect(stderr, name).to.match(/SQ_RUN_UNREADABLE/);
      expect(code, stderr).to.equal(2);
    }
    await mkdir(join(home.path, 'empty'));
    expect((await squall(home, ['judge', join(home.path, 'empty')])).code).to.equal(2);
  });

  it('fails with exit 1 and says why in one line when an objective cannot hold', async () => {
    await writeFile(join(home.path, 'cannot.yaml'), CANNOT_HOLD);
    const { code, stdout, stderr } = await squall(home, ['run', join(home.path, 'cannot.yaml')]);
    expect(code, stderr + stdout).to.equal(1);
    expect(stdout).to.match(/^FAIL .*expected at most 1ms/m);
    expect(traces(home.path)).to.deep.equal(beforeAll);
  });
});

const SPOILED: readonly (readonly [string, (folder: string) => Promise<void>])[] = [
  ['truncated', (folder) => truncate(join(folder, 'plan.json'), 100)],
  ['truncated-chaos', (folder) => truncate(join(folder, 'chaos.json'), 50)],
  [
    'other-version',
    async (folder) => {
      const run = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as object;
      await writeFile(join(folder, 'run.json'), JSON.stringify({ ...run, schemaVersion: 99 }));
    },
  ],
];
