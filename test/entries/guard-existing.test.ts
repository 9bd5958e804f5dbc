import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { guardExisting, wordIn } from '../../src/entries/guard-existing.ts';
import type { Settings } from '../../src/entries/settings.ts';
import { HarnessError } from '../../src/model/errors.ts';

describe('entries: the guard of existing labs', () => {
  let folder: string;
  let settings: Settings;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-guard-'));
    const kubeconfig = join(folder, 'config');
    const context = (name: string): object => ({ name, context: { cluster: name } });
    const cluster = (name: string, host: string): object => ({
      name,
      cluster: { server: `https://${host}:6443` },
    });
    await writeFile(
      kubeconfig,
      JSON.stringify({
        'current-context': 'shop-prod',
        contexts: [context('shop-prod'), context('staging'), context('renamed')],
        clusters: [
          cluster('shop-prod', 'api.shop.test'),
          cluster('staging', 'api.staging.test'),
          cluster('renamed', 'api.prod.test'),
        ],
      }),
    );
    settings = {
      lab: 'existing',
      set: {},
      outputDir: folder,
      dryRun: false,
      yes: true,
      output: 'table',
      kubeconfig,
      logLevel: 'info',
    };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const refusal = async (given: Settings, argv: readonly string[] = []): Promise<HarnessError> => {
    const error: unknown = await guardExisting(given, argv).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(HarnessError);
    expect((error as HarnessError).code).to.equal('SQ_CONTEXT_REFUSED');
    expect((error as HarnessError).exitCode).to.equal(2);
    return error as HarnessError;
  };
  const worded = (): Settings => ({ ...settings, existing: { words: { 'shop-prod': 'close the shop' } } });

  it('finds the current context, and refuses it in spite of --yes', async () => {
    expect((await refusal(settings)).message).to.include('the context shop-prod is protected');
  });

  it('refuses a harmless name of a server that is not', async () => {
    expect((await refusal({ ...settings, context: 'renamed' })).message).to.include('renamed');
  });

  it('lets a protected one through for its word, and for nothing else', async () => {
    expect((await guardExisting(worded(), ['run', '--word', 'close the shop'])).context).to.equal(
      'shop-prod',
    );
    expect((await refusal(worded(), ['run', '--yes'])).remedy).to.include('--word');
    expect((await refusal(worded(), ['run', '--word=close'])).message).to.include('is not its word');
    expect((await refusal(settings, ['run', '--word', 'shop-prod'])).remedy).to.include('existing.words');
  });

  it('takes no word from the environment', async () => {
    process.env['SQUALL_WORD'] = 'close the shop';
    try {
      await refusal(worded(), ['run']);
    } finally {
      delete process.env['SQUALL_WORD'];
    }
  });

  it('names the context that was judged, so that none takes its place', async () => {
    expect((await guardExisting({ ...settings, context: 'staging' }, [])).context).to.equal('staging');
    const free = { ...settings, existing: { protected: [] } };
    expect((await guardExisting(free, [])).context).to.equal('shop-prod');
  });

  it('has nothing to say of labs that Squall deploys', async () => {
    const rehearsal = { ...settings, lab: 'rehearsal' };
    expect(await guardExisting(rehearsal, [])).to.equal(rehearsal);
  });

  it('hears the last word before a double dash', () => {
    expect(wordIn(['run', '--word', 'a', '--word=b c'])).to.equal('b c');
    expect(wordIn(['run', '--', '--word', 'a'])).to.equal(undefined);
    expect(wordIn(['run', '--word'])).to.equal(undefined);
  });
});
