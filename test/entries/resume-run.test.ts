import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { resumeRun } from '../../src/entries/resume-run.ts';
import type { Settings } from '../../src/entries/settings.ts';
import { RUN_SCHEMA_VERSION } from '../../src/model/evidence.ts';
import { HarnessError } from '../../src/model/errors.ts';
import { planOf } from '../chaos/fakes/topologies.ts';
import { quietly } from './quietly.ts';

describe('going on with a run on an existing lab', () => {
  const { XDG_STATE_HOME } = process.env;
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'squall-resume-'));
    process.env['XDG_STATE_HOME'] = home;
  });
  afterEach(async () => {
    if (XDG_STATE_HOME === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = XDG_STATE_HOME;
    await rm(home, { recursive: true, force: true });
  });

  /** A run that has begun, on a cluster that is named like one of production. */
  async function begun(): Promise<{ readonly folder: string; readonly settings: Settings }> {
    const folder = join(home, 'run-1');
    const kubeconfig = join(home, 'config');
    await mkdir(folder);
    const context = { name: 'shop-prod', context: { cluster: 'shop-prod' } };
    const cluster = { name: 'shop-prod', cluster: { server: 'https://127.0.0.1:1' } };
    const config = { 'current-context': 'shop-prod', contexts: [context], clusters: [cluster] };
    await writeFile(kubeconfig, JSON.stringify(config));
    const record = { schemaVersion: RUN_SCHEMA_VERSION, id: 'run-1', lab: 'existing', seed: 's' };
    await writeFile(join(folder, 'run.json'), JSON.stringify(record));
    await writeFile(join(folder, 'plan.json'), JSON.stringify(planOf([])));
    await writeFile(join(folder, 'plan.yaml'), '');
    const settings: Settings = {
      lab: 'rehearsal',
      set: {},
      outputDir: home,
      dryRun: false,
      yes: true,
      output: 'table',
      kubeconfig,
      logLevel: 'silent',
    };
    return { folder, settings };
  }

  it('asks for the word of a protected context, as its beginning did', async () => {
    const { folder, settings } = await begun();
    const refused: unknown = await resumeRun(folder, settings, 1).catch((reason: unknown) => reason);
    expect(refused).to.be.instanceOf(HarnessError).and.to.include({ code: 'SQ_CONTEXT_REFUSED' });
    expect(await readdir(folder)).to.have.members(['plan.json', 'plan.yaml', 'run.json']);
  });

  it('touches nothing where that is only asked for', async () => {
    const { folder, settings } = await begun();
    expect(await quietly(() => resumeRun(folder, { ...settings, dryRun: true }, 1))).to.equal(0);
    expect(await readdir(folder)).to.have.members(['plan.json', 'plan.yaml', 'run.json']);
    expect(await readdir(home)).to.have.members(['config', 'run-1']);
  });
});
