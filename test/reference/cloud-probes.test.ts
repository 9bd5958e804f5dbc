import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { createOpenStackApi } from '../../src/adapters/openstack/index.ts';
import { readSeries } from '../../src/measure/index.ts';
import { RunFolderOnDisk } from '../../src/adapters/system/run-folder-on-disk.ts';
import type { Analysis } from '../../src/model/analysis.ts';
import type { Leftover } from '../../src/model/conformance.ts';
import type { ProbeSeries } from '../../src/model/observation.ts';
import type { OpenStackApi, ServiceType } from '../../src/ports/openstack.ts';
import { squall } from './kill-squall.ts';
import { clock, lab, say } from './the-lab.ts';

/**
 * What users of the lab's cloud feel. It wants a lab that is up with a cloud (`lab up --lab reference`), so it is run by
 * its name and not with the others: `npx mocha -n import=tsx --timeout 1200000 test/reference/cloud-probes.test.ts` after `npm run build`.
 */
const planOf = (
  tenant: string,
): string => `# Wants to learn: do the probes of the cloud say what its users feel?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: cloud-probes}
baseline: 30s
probes:
  - {name: tenants, probe: guest, endpoint: nova, every: 200ms, timeout: 1s, connection: new, guests: 2${tenant}}
  - {name: boot, probe: server-boot, endpoint: nova, every: 20s, timeout: 60s, connection: reused}
  - {name: writer, probe: openstack-durable-write, endpoint: neutron, every: 1s, timeout: 8s, connection: reused}
method:
  - name: kill-a-database-member
    fault: container-kill
    selector: {role: database, namespace: openstack}
    mode: one
  - wait: recovered
    ceiling: 10m
objectives:
  - objective: durability
  - {objective: availability, probe: tenants, minimum: 99%}
  - objective: nothing-leaked
`;

/** Every kind of thing that the probes make, by service, path and key. */
const KINDS: readonly (readonly [ServiceType, string, string])[] = [
  ['compute', '/servers', 'servers'],
  ['network', '/floatingips', 'floatingips'],
  ['network', '/ports', 'ports'],
  ['network', '/routers', 'routers'],
  ['network', '/subnets', 'subnets'],
  ['network', '/networks', 'networks'],
  ['network', '/security-groups', 'security_groups'],
];

describe('probes of what users of a cloud feel, on the reference lab', () => {
  let folder: string;
  let cloud: OpenStackApi;
  const run = async (
    name: string,
    plan: string,
  ): Promise<{ code: number | null; says: string; files: string }> => {
    await writeFile(join(folder, `${name}.yaml`), plan);
    const output = join(folder, name);
    const { code, says } = await squall(['run', join(folder, `${name}.yaml`), '--lab', 'reference'], {
      outputDir: output,
    });
    const [id = ''] = await readdir(output);
    return { code, says, files: join(output, id) };
  };
  const read = async <T>(files: string, file: string): Promise<T> =>
    JSON.parse(await readFile(join(files, file), 'utf8')) as T;
  const ours = async (): Promise<readonly string[]> => {
    const found = await Promise.all(
      KINDS.map(async ([type, path, key]) =>
        (await cloud.listAll(type, path, key)).flatMap(({ name, description }) =>
          [name, description].some((word) => String(word).startsWith('sq-'))
            ? [`${path} ${String(name)}`]
            : [],
        ),
      ),
    );
    return found.flat();
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-cloud-probes-'));
    const connection = await lab.connection();
    if (connection.cloudsYaml === undefined)
      throw new Error('The lab is up without a cloud: `squall lab up --lab reference`.');
    cloud = await createOpenStackApi({ connection, environment: {}, clock });
  });
  after(async () => {
    const kept = process.env['KEEP_REPORTS'];
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
    else say(`        ${folder}`);
  });

  it('show tenants that notice nothing, servers that boot, and every acknowledged write, and leave nothing', async () => {
    const { code, says, files } = await run('galera', planOf(''));
    expect(code, says).to.equal(0);
    const { probes, durability = [] } = await read<Analysis>(files, 'analysis.json');
    const tenants = probes.filter(({ part }) => part?.of === 'tenants');
    expect(tenants.map(({ probe }) => probe).sort()).to.deep.equal([
      'tenants/0-http',
      'tenants/0-tcp',
      'tenants/1-http',
      'tenants/1-tcp',
    ]);
    for (const { probe, availability, outages } of tenants) {
      say(`        ${probe}: ${availability.min} to ${availability.max}, outages ${outages}`);
      expect(availability.min, probe).to.be.at.least(0.99);
    }
    const { series } = await readSeries(new RunFolderOnDisk(files));
    const boots = series.find(({ probe }) => probe.name === 'boot')?.samples ?? [];
    say(`        boots: ${boots.map(seen).join(', ')}`);
    expect(boots.filter(({ outcome }) => outcome === 'ok').length).to.be.at.least(4);
    const [writer] = durability;
    say(`        ${writer?.acknowledged} writes acknowledged, ${writer?.indefinite} indefinite`);
    expect(writer?.acknowledged).to.be.at.least(30);
    expect(writer).to.deep.include({ lost: [], unread: 0 });
    expect(await read<readonly Leftover[]>(files, 'leftovers.json')).to.deep.equal([]);
    expect(await ours()).to.deep.equal([]);
  });

  it('are refused where an image is missing, before anything is made', async () => {
    const { code, says, files } = await run('refused', planOf(', image: there-is-none'));
    expect(code, says).to.equal(2);
    expect(says).to.include('there-is-none').and.to.include('take tenants out of the plan');
    expect(await readdir(files)).not.to.include('ledger.ndjson');
    expect(await ours()).to.deep.equal([]);
  });

  it('leave nothing when Squall is killed in the middle, once the run is gone on with', async () => {
    await writeFile(join(folder, 'killed.yaml'), planOf(''));
    const output = join(folder, 'killed');
    const killed = await squall(['run', join(folder, 'killed.yaml'), '--lab', 'reference'], {
      outputDir: output,
      // Its prober runs by then, and with the baseline before it nothing is hurt yet.
      killAt: /probe tenants up/,
    });
    expect(killed.signal, killed.says).to.equal('SIGKILL');
    expect(await ours(), 'there is something to leave').not.to.deep.equal([]);
    const [id = ''] = await readdir(output);
    const resumed = await squall(['run', '--resume', id], { outputDir: output });
    say(`        going on ended with ${resumed.code}`);
    expect(await ours(), resumed.says).to.deep.equal([]);
  });
});

const seen = ({ outcome, phase, sentNs, completedNs }: ProbeSeries['samples'][number]): string =>
  `${phase ?? outcome} after ${((completedNs - sentNs) / 1e9).toFixed(1)} s`;
