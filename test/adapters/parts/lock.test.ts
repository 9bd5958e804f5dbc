import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostPlatform, loadLock } from '../../../src/adapters/parts/index.ts';
import { partsOfLab } from '../../../src/adapters/parts/lock.ts';
import { HarnessError } from '../../../src/model/errors.ts';

const OURS = join('reference', 'versions.lock.yaml');

describe('adapters/parts: the lock', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'squall-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function refusalOf(change: (text: string) => string): HarnessError {
    const path = join(folder, 'lock.yaml');
    writeFileSync(path, change(readFileSync(OURS, 'utf8')));
    try {
      loadLock(path);
    } catch (error) {
      expect(error).to.be.instanceOf(HarnessError);
      return error as HarnessError;
    }
    throw new Error('The lock was taken.');
  }

  it('reads ours, in which versions agree with the modules that are built', () => {
    const lock = loadLock(OURS);
    expect(lock.parts.map(({ name }) => name)).to.include.members([
      'kubernetes',
      'containerd',
      'etcd',
      'coredns',
    ]);
    for (const part of lock.parts.filter(({ release }) => release)) {
      const module = readFileSync(join(lock.folder, part.build.module, 'go.mod'), 'utf8');
      for (const path of Object.values(part.build.packages)) {
        expect(module, `${path} v${part.version}`).to.match(
          new RegExp(`${rootOf(path, module)} v${part.version}\\b`),
        );
        // A package of tests is no tool; what its tests need stands in a comment of go.mod.
        expect(module, `go.mod does not keep ${path} with a line of its own`).to.match(
          new RegExp(
            part.build.makes === 'tests' ? `go get -t ${path}@v${part.version}` : `(\\t|tool )${path}\\n`,
          ),
        );
      }
    }
  });

  it('makes a lab of all parts but those of a cloud, where it carries none, and those of a bench', () => {
    const lock = loadLock(OURS);
    const [bare, carrying] = [partsOfLab(lock, false), partsOfLab(lock, true)];
    expect(bare).to.include.members(['kubernetes', 'etcd', 'test-app']);
    expect(carrying.filter((name) => !bare.includes(name))).to.deep.equal(['helm']);
    const left = lock.parts.map(({ name }) => name).filter((name) => !carrying.includes(name));
    expect(left).to.deep.equal(['kubernetes-tests', 'agnhost']);
  });

  it('names images of the versions of its own parts', () => {
    const lock = loadLock(OURS);
    for (const { name, files } of lock.images) {
      for (const binary of Object.values(files)) {
        const part = lock.parts.find(({ binaries }) => binaries[binary] !== undefined);
        expect(name.split(':')[1], name).to.match(new RegExp(`^v?${part?.version}(-0)?$`));
      }
    }
    const configured = readFileSync(
      join(lock.folder, 'node', 'files', 'etc', 'containerd', 'config.toml'),
      'utf8',
    );
    const pause = lock.images.find(({ name }) => name.includes('/pause:'));
    expect(configured).to.include(`sandbox = '${pause?.name}'`);
  });

  const mistakes: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    [
      'an unknown format',
      (text) => text.replace('format: 1', 'format: 2'),
      /lock\.yaml:\d+ format: .*does not know/,
    ],
    [
      'a version that is none',
      (text) => text.replace('version: 2.2.1', 'version: new'),
      /parts\.0\.version: is a version/,
    ],
    ['a key that is misspelled', (text) => text.replace('  suite:', '  siute:'), /node.*(suite|siute)/s],
    [
      'an image of a program that no part has',
      (text) => text.replace(': kube-scheduler }', ': kube-schedular }'),
      /kube-schedular, which no part has/,
    ],
    [
      'sums over plain HTTP',
      (text) => text.replace('sums: https://dl', 'sums: http://dl'),
      /release\.sums: is an https URL/,
    ],
    ['a sum that is none', (text) => text.replace('pinned: {}', 'pinned: { kubelet: abc }'), /64 lower-case/],
    [
      'a program that cannot be built',
      (text) => text.replace(/ {8}ctr: github.*\n/, ''),
      /packages\.ctr: is missing/,
    ],
    ['broken YAML', (text) => text.replace('parts:', 'parts: ['), /lock\.yaml:\d+ /],
  ];
  for (const [what, change, message] of mistakes) {
    it(`refuses ${what}, with its line`, () => {
      const refusal = refusalOf(change);
      expect(refusal.code).to.equal('SQ_PARTS');
      expect(refusal.message).to.match(message);
      expect(refusal.message).to.match(/lock\.yaml:\d+/);
    });
  }

  it('says the line of the mistake itself', () => {
    const lines = readFileSync(OURS, 'utf8').split('\n');
    const line = lines.findIndex((text) => text.includes('version: 3.6.8')) + 1;
    expect(refusalOf((text) => text.replace('version: 3.6.8', 'version: x')).message).to.include(
      `lock.yaml:${line} `,
    );
  });

  it('refuses a file that is not there, and a processor without parts', () => {
    expect(() => loadLock(join(folder, 'none.yaml'))).to.throw(HarnessError, /cannot be read/);
    expect(() => hostPlatform('riscv64')).to.throw(HarnessError, /riscv64/);
    expect(hostPlatform('arm64')).to.deep.equal({ os: 'linux', arch: 'arm64' });
  });
});

/** The module that a package belongs to: the longest one that the file requires. */
function rootOf(path: string, goMod: string): string {
  const required = [...goMod.matchAll(/^(?:\t|require )(\S+) v/gm)].map(([, name]) => name ?? '');
  return (
    required
      .filter((name) => path === name || path.startsWith(`${name}/`))
      .sort((a, b) => b.length - a.length)[0] ?? path
  );
}
