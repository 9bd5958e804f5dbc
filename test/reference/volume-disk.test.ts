import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createVolumeDisk, type VolumeDisk } from '../../src/adapters/linux-host/volume-disk.ts';
import { createRunCommand } from '../../src/adapters/system/run-command.ts';

describe('the disk of the nodes', () => {
  let place: string;
  const disk = (file: string): VolumeDisk =>
    createVolumeDisk(createRunCommand({}), {
      file: join(place, file),
      folder: join(place, 'disk'),
      bytes: 256 * 1024 ** 2,
    });
  const backing = async (): Promise<readonly string[]> => {
    const names = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
    const files = await Promise.all(
      names.map((name) => readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '')),
    );
    return files.map((file) => file.trim()).filter((file) => file.startsWith(place));
  };

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'squall-disk-'));
  });
  afterEach(async () => {
    for (const file of ['a.btrfs', 'b.btrfs']) await disk(file).detach();
    await rm(place, { recursive: true });
  });

  it('is detached by whoever knows where it is mounted, wherever its file lies', async () => {
    await disk('a.btrfs').attach();
    expect(await backing()).to.deep.equal([join(place, 'a.btrfs')]);
    const other = disk('b.btrfs');
    expect(await other.attached()).to.equal(true);
    await other.detach();
    expect(await disk('a.btrfs').attached()).to.equal(false);
    expect(await backing()).to.deep.equal([]);
  });

  it('takes the place of another that is still mounted there', async () => {
    await disk('a.btrfs').attach();
    await disk('b.btrfs').attach();
    expect(await backing()).to.deep.equal([join(place, 'b.btrfs')]);
    await disk('b.btrfs').create('nodes/x');
    expect((await stat(join(place, 'disk', 'nodes', 'x'))).isDirectory()).to.equal(true);
  });
});
