import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeImageArchive } from '../../../src/adapters/parts/image-archive.ts';
import type { ImageContents } from '../../../src/adapters/parts/image-archive.ts';
import { TarWriter } from '../../../src/adapters/parts/tar-writer.ts';
import { rejectionOf, sha256, Workbench } from './workbench.ts';

const signal = new AbortController().signal;
const platform = { os: 'linux', arch: 'arm64' } as const;

interface Config {
  readonly architecture: string;
  readonly config: { readonly Entrypoint: string[]; readonly Cmd?: string[]; readonly Env: string[] };
  readonly rootfs: { readonly diff_ids: string[] };
}

describe('adapters/parts: archives of images', () => {
  let bench: Workbench;
  let images: ImageContents[];
  let path: string;
  const tar = (...argv: string[]): string =>
    execFileSync('tar', argv, { encoding: 'utf8', env: { TZ: 'UTC' } });

  beforeEach(() => {
    bench = new Workbench();
    path = join(bench.folder, 'images.tar');
    writeFileSync(join(bench.folder, 'big'), Buffer.alloc(1_500_001, 'x'));
    writeFileSync(join(bench.folder, 'block'), Buffer.alloc(512, 'y'));
    writeFileSync(
      join(bench.folder, 'layer.tar'),
      execFileSync('tar', ['-cf', '-', '-C', bench.folder, 'block']),
    );
    images = [
      {
        name: 'registry.test/big:v1',
        layers: [],
        files: { '/usr/local/bin/big': join(bench.folder, 'big'), '/empty': join(bench.folder, 'empty') },
        entrypoint: ['big'],
      },
      {
        name: 'registry.test/two:v1',
        layers: [join(bench.folder, 'layer.tar')],
        files: { '/block': join(bench.folder, 'block') },
        entrypoint: ['/block', '-P'],
        command: ['wait'],
      },
    ];
    writeFileSync(join(bench.folder, 'empty'), '');
  });
  afterEach(() => bench.clear());

  it('are tars of tars that the tar program reads, byte for byte', async () => {
    const bytes = await writeImageArchive(path, images, platform, signal);
    expect(statSync(path).size).to.equal(bytes);
    const out = join(bench.folder, 'out');
    mkdirSync(out);
    tar('-xf', path, '-C', out);
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as {
      Config: string;
      RepoTags: string[];
      Layers: string[];
    }[];
    expect(manifest.map(({ RepoTags }) => RepoTags)).to.deep.equal([
      ['registry.test/big:v1'],
      ['registry.test/two:v1'],
    ]);
    for (const [index, { Config, Layers }] of manifest.entries()) {
      const text = readFileSync(join(out, Config), 'utf8');
      expect(Config).to.equal(`${sha256(text)}.json`);
      const config = JSON.parse(text) as Config;
      expect(config.architecture).to.equal('arm64');
      expect(config.config.Entrypoint).to.deep.equal(images[index]?.entrypoint);
      expect(config.config.Cmd).to.deep.equal(images[index]?.command);
      expect(config.config.Env[0]).to.match(/^PATH=.*\/usr\/local\/bin/);
      expect(Layers.map((layer) => `sha256:${sha256(readFileSync(join(out, layer)))}`)).to.deep.equal(
        config.rootfs.diff_ids,
      );
    }
    const [first = '', second = ''] = manifest[0]?.Layers ?? [];
    expect(second).to.equal('');
    expect(tar('-tvf', join(out, first)).replace(/ +/g, ' ').trim().split('\n')).to.deep.equal([
      'drwxr-xr-x root/root 0 1970-01-01 00:00 usr/',
      'drwxr-xr-x root/root 0 1970-01-01 00:00 usr/local/',
      'drwxr-xr-x root/root 0 1970-01-01 00:00 usr/local/bin/',
      'drwxrwxrwt root/root 0 1970-01-01 00:00 tmp/',
      '-rwxr-xr-x root/root 1500001 1970-01-01 00:00 usr/local/bin/big',
      '-rwxr-xr-x root/root 0 1970-01-01 00:00 empty',
    ]);
    tar('-xf', join(out, first), '-C', out);
    expect(
      readFileSync(join(out, 'usr/local/bin/big')).equals(readFileSync(join(bench.folder, 'big'))),
    ).to.equal(true);
    expect(
      readFileSync(join(out, manifest[1]?.Layers[0] ?? '')).equals(
        readFileSync(join(bench.folder, 'layer.tar')),
      ),
    ).to.equal(true);
  });

  it('are the same bytes for the same contents, whenever they are written', async () => {
    await writeImageArchive(path, images, platform, signal);
    const other = join(bench.folder, 'other.tar');
    writeFileSync(join(bench.folder, 'block'), Buffer.alloc(512, 'y'));
    await writeImageArchive(other, images, platform, signal);
    expect(readFileSync(other).equals(readFileSync(path))).to.equal(true);
  });

  it('end in the middle when they are stopped', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    expect((await rejectionOf(writeImageArchive(path, images, platform, stop.signal))).message).to.equal(
      'enough',
    );
  });

  it('are refused when a file changes while it is read, or has too long a name', async () => {
    const writer = new TarWriter(async () => undefined);
    const short = rejectionOf(writer.file('a', 0o644, 3, (write) => write(Buffer.from('ab'))));
    expect((await short).message).to.match(/a is 2 bytes long, not 3/);
    expect((await rejectionOf(writer.directory('d'.repeat(100)))).message).to.match(/too long/);
  });
});
