import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ensureImages, ensureNodeImage, Podman } from '../../../src/adapters/parts/index.ts';
import type { EnsuredBinary, ImageArchive, Lock, NodeImage } from '../../../src/adapters/parts/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import type { HarnessError } from '../../../src/model/errors.ts';
import { rejectionOf, sha256, Workbench } from './workbench.ts';

/** A podman whose images are files in $STORE, and that keeps what it was called with. */
const PODMAN = `
echo "$*" >>"$STORE/calls"
while [ "\${1#--}" != "$1" ]; do shift 2; done
case "$1" in
  image) test -e "$STORE/$(echo "$3" | tr / _)" ;;
  pull) [ -n "$PULLS" ] && touch "$STORE/$(echo "$3" | tr / _)" || { echo "no such host" >&2; exit 125; } ;;
  import) touch "$STORE/$(echo "$4" | tr / _)" ;;
  build) while [ "$1" != --tag ]; do shift; done; ls "$3" "$3/binaries" 2>/dev/null >"$STORE/context"; touch "$STORE/$(echo "$2" | tr / _)" ;;
  run) [ "$REFUSES" = "" ] || exit 126; echo "layer of \${LAYER:-nft}" ;;
esac
`;

describe('adapters/parts: the node image and the archive', function () {
  this.timeout(20_000);
  let bench: Workbench;
  let store: string;
  let lock: Lock;
  const binaries = new Map<string, EnsuredBinary>();
  const environment = { ...process.env };
  const calls = (): string => readFileSync(join(store, 'calls'), 'utf8');
  const tools = () => ({
    lock,
    cacheFolder: bench.cache,
    binaries,
    clock: createSystemClock(),
    report: (says: string) => void bench.said.push(says),
    podman: new Podman(createSystemClock(), join(bench.folder, 'podman')),
  });
  const node = (): Promise<NodeImage> => ensureNodeImage(tools(), new AbortController().signal);
  const images = (nodeImage = 'localhost/squall-node:1'): Promise<ImageArchive> =>
    ensureImages(
      { ...tools(), nodeImage, only: lock.images.map(({ name }) => name) },
      new AbortController().signal,
    );

  function give(name: string, text: string): void {
    const path = join(bench.folder, name);
    writeFileSync(path, text);
    binaries.set(name, {
      ...{ name, path, part: 'tool', version: '1.2.3', sha256: sha256(text), bytes: text.length },
      ...{ origin: 'build', how: 'cache' },
    });
  }

  beforeEach(() => {
    bench = new Workbench();
    store = join(bench.folder, 'store');
    mkdirSync(store);
    mkdirSync(join(bench.folder, 'reference', 'node'));
    writeFileSync(join(bench.folder, 'reference', 'node', 'packages'), '# a comment\nsystemd\nrunc\n');
    writeFileSync(join(bench.folder, 'reference', 'node', 'Containerfile'), 'FROM base');
    bench.script('podman', PODMAN);
    bench.script('mmdebstrap', 'echo "mmdebstrap $*" >>"$STORE/calls"; touch "${@: -1}"');
    Object.assign(process.env, {
      STORE: store,
      PULLS: '',
      REFUSES: '',
      PATH: `${bench.folder}${delimiter}${environment.PATH}`,
    });
    give('hammer', 'hammer 1');
    give('saw', 'saw 1');
    const spec = { ours: true, layers: ['nft.tar'], files: { '/hammer': 'hammer' }, entrypoint: ['/hammer'] };
    lock = { ...bench.lock(), images: [{ ...spec, name: 'localhost/hammer:1' }] };
  });
  afterEach(() => {
    for (const name of ['STORE', 'PULLS', 'REFUSES', 'LAYER']) Reflect.deleteProperty(process.env, name);
    process.env['PATH'] = environment.PATH;
    bench.clear();
  });

  it('is built once, with the binaries of a node, and found again', async () => {
    process.env['PULLS'] = 'yes';
    const first = await node();
    expect(first).to.include({ how: 'built' });
    expect(readFileSync(join(store, 'context'), 'utf8')).to.match(
      /Containerfile\s+binaries\s+packages[\s\S]*\nhammer\n$/,
    );
    expect(await node()).to.deep.equal({ ...first, how: 'cache' });
    expect(readdirSync(join(bench.cache, 'parts')), 'something is left').to.deep.equal([]);
  });

  it('has another name for other contents', async () => {
    const names = [(await node()).name];
    give('hammer', 'hammer 2');
    names.push((await node()).name);
    writeFileSync(join(bench.folder, 'reference', 'node', 'Containerfile'), 'FROM other');
    names.push((await node()).name);
    give('saw', 'a saw is not in the node');
    names.push((await node()).name);
    expect(new Set(names).size).to.equal(3);
    expect(calls().match(/mmdebstrap/g), 'the base was made again').to.have.length(1);
  });

  it('is made from packages where the base cannot be pulled, and says so', async () => {
    await node();
    expect(calls()).to.match(
      /pull --quiet base\nmmdebstrap .*--include=systemd,runc suite .*\n.*import --quiet/,
    );
    expect(bench.said.join('\n')).to.match(
      /base cannot be pulled \(no such host\); making suite from Debian packages/,
    );
    expect(readdirSync(join(bench.cache, 'parts')), 'the root file system is left').to.deep.equal([]);
  });

  it('says what to do where neither is possible', async () => {
    process.env['PATH'] = join(bench.folder, 'nothing');
    bench.script('podman', PODMAN.replaceAll(/\b(touch|tr|ls) /g, '/usr/bin/$1 '));
    const error = (await rejectionOf(node())) as HarnessError;
    expect(error.message).to.match(/neither be pulled nor made/);
    expect(error.remedy).to.match(/mmdebstrap/);
    const none = ensureNodeImage(
      { ...tools(), podman: new Podman(createSystemClock(), join(bench.folder, 'none')) },
      new AbortController().signal,
    );
    expect(((await rejectionOf(none)) as HarnessError).remedy).to.match(/Install podman/);
  });

  it('says what each runtime said where no container starts', async () => {
    process.env['REFUSES'] = 'yes';
    expect((await rejectionOf(node())).message).to.match(
      /No container runtime starts a container here\. crun: .*runc: /,
    );
  });

  it('takes layers from the node image, and writes the archive once for the same contents', async () => {
    const first = await images();
    expect(first).to.include({ how: 'written' });
    expect(readFileSync(first.path, 'latin1')).to.include('layer of nft').and.to.include('hammer 1');
    expect(await images()).to.deep.equal({ ...first, how: 'cache' });
    expect(await images('localhost/squall-node:2'), 'another node with the same layer').to.deep.equal({
      ...first,
      how: 'cache',
    });
    give('hammer', 'hammer 2');
    expect((await images()).key).not.to.equal(first.key);
    expect(existsSync(first.path), 'the one before is kept').to.equal(true);
    give('hammer', 'hammer 3');
    await images();
    expect(existsSync(first.path), 'older ones are removed').to.equal(false);
    process.env['LAYER'] = 'newer nft';
    give('hammer', 'hammer 1');
    expect((await images('localhost/squall-node:3')).key, 'a node with another layer').not.to.equal(
      first.key,
    );
  });

  it('refuses a lock that lacks an image that kubeadm starts', async () => {
    give('kubeadm', '');
    const path = bench.script(
      'kubeadm',
      'echo localhost/hammer:1; echo "a warning: of kubeadm" >&2; echo registry.test/etcd:3\n',
    );
    binaries.set('kubeadm', { ...(binaries.get('kubeadm') as EnsuredBinary), path });
    const all = ensureImages(
      { ...tools(), nodeImage: 'localhost/squall-node:1' },
      new AbortController().signal,
    );
    expect((await rejectionOf(all)).message).to.match(
      /lacks images that kubeadm 1\.2\.3 starts: registry\.test\/etcd:3\.$/,
    );
  });
});
