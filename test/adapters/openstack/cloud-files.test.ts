import { symlink, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { readCloudFiles } from '../../../src/adapters/openstack/cloud-files.ts';
import type { HarnessError } from '../../../src/model/errors.ts';

describe('readCloudFiles', () => {
  let folder = '';
  let environment: Record<string, string> = {};

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-clouds-'));
    await mkdir(join(folder, '.config', 'openstack'), { recursive: true });
    await mkdir(join(folder, 'here'));
    environment = { HOME: folder };
  });
  afterEach(() => rm(folder, { recursive: true }));

  const read = (explicit?: string) => readCloudFiles(explicit, environment, join(folder, 'here'));
  const write = (path: string, text: string): Promise<void> => writeFile(join(folder, path), text);
  const refused = (explicit: string): Promise<HarnessError> =>
    read(explicit).then(
      () => expect.fail('nothing was refused'),
      (error: unknown) => error as HarnessError,
    );

  it('takes the first file of the search order, and finds secure.yaml by itself', async () => {
    await write('here/clouds.yml', 'clouds: {here: {}}');
    await write('.config/openstack/clouds.yaml', 'clouds: {home: {}}');
    await write('.config/openstack/secure.yaml', 'clouds: {here: {auth: {password: x}}}');
    const found = await read();
    expect(found.clouds).to.deep.equal({ clouds: { here: {} } });
    expect(found.file).to.equal(join(folder, 'here/clouds.yml'));
    expect(found.secure).to.deep.equal({ clouds: { here: { auth: { password: 'x' } } } });
  });

  it('reads YAML as PyYAML does, and JSON where the name says so', async () => {
    await write('here/clouds.yaml', 'clouds: {c: {verify: no, auth: {password: 0123}}}');
    expect((await read()).clouds).to.deep.equal({ clouds: { c: { verify: false, auth: { password: 83 } } } });
    await write('mine.json', '{"clouds": {"c": {"verify": "no"}}}');
    expect((await read(join(folder, 'mine.json'))).clouds).to.deep.equal({ clouds: { c: { verify: 'no' } } });
  });

  it('puts OS_CLIENT_CONFIG_FILE first', async () => {
    await write('here/clouds.yaml', 'clouds: {here: {}}');
    await write('mine.yaml', 'clouds: {mine: {}}');
    environment['OS_CLIENT_CONFIG_FILE'] = join(folder, 'mine.yaml');
    expect((await read()).clouds).to.deep.equal({ clouds: { mine: {} } });
  });

  it('passes over a file that does not parse, and says so without quoting it', async () => {
    await write('here/clouds.yaml', 'clouds:\n  a: {auth: {password: "canary-yaml\n');
    await write('.config/openstack/clouds.yaml', 'clouds: {home: {}}');
    const found = await read();
    expect(found.clouds).to.deep.equal({ clouds: { home: {} } });
    expect(found.warnings.join()).to.match(/here\/clouds\.yaml is not valid YAML, line \d/);
    expect(found.warnings.join()).not.to.contain('canary');
  });

  it('refuses a named file that is missing, is a folder, or expands without end', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...['b', 'c', 'd', 'e'].map((key, index) => {
        const below = 'abcd'.charAt(index);
        return `${key}: &${key} [${Array(9).fill(`*${below}`).join(',')}]`;
      }),
    ];
    await write('bomb.yaml', bomb.join('\n'));
    for (const [path, says] of [
      ['missing.yaml', /missing\.yaml does not exist/],
      ['here', /here could not be read \(EISDIR\)/],
      ['bomb.yaml', /bomb\.yaml is not valid YAML/],
    ] as const) {
      const error = await refused(join(folder, path));
      expect(error.code).to.equal('SQ_CLOUDS_YAML');
      expect(error.message).to.match(says);
      expect(error.remedy).to.match(/Check the path/);
    }
  });

  it('refuses a named file that leads to itself', async () => {
    await symlink(join(folder, 'loop.yaml'), join(folder, 'loop.yaml'));
    expect((await refused(join(folder, 'loop.yaml'))).message).to.match(/could not be read \(ELOOP\)/);
  });
});
