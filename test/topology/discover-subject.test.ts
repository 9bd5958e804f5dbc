import { expect } from 'chai';
import { describe, it } from 'mocha';
import { gzipSync } from 'node:zlib';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { discover, discoverSubject } from '../../src/topology/index.ts';
import { kubernetesOf, readRecording, shuffled, toolsOf, type Recording } from './recorded-cluster.ts';

const signal = new AbortController().signal;

/** A release as Helm stores it: JSON in gzip in base64, in the base64 of the API. */
function release(name: string, version: string, revision: number): KubernetesObject {
  const packed = gzipSync(
    JSON.stringify({
      name,
      version: revision,
      chart: { metadata: { name, version } },
      config: { password: 'hunter2' },
    }),
  );
  const data = Buffer.from(packed.toString('base64')).toString('base64');
  return {
    metadata: { name: `sh.helm.release.v1.${name}.v${revision}`, namespace: 'openstack' },
    type: 'helm.sh/release.v1',
    data: { release: data },
  };
}

const subjectOf = async (recording: Recording) => {
  const topology = await discover(toolsOf(recording), signal);
  return discoverSubject(topology, { kubernetes: kubernetesOf(recording) }, signal);
};

describe('topology: the subject', () => {
  const recording = (): Recording => {
    const base = readRecording('kubeadm-openstack-helm');
    const broken: KubernetesObject = {
      metadata: { name: 'broken' },
      type: 'helm.sh/release.v1',
      data: { release: 'bm90IGd6aXA=' },
    };
    const other: KubernetesObject = { ...release('stolen', '6.6.6', 1), type: 'Opaque' };
    base.lists['/api/v1/secrets'] = [
      release('nova', '2024.2.1', 3),
      release('keystone', '2024.2.5', 7),
      broken,
      other,
    ];
    return base;
  };

  it('names charts with version and revision, and is not misled by secrets that are none', async () => {
    const { charts } = await subjectOf(recording());
    expect(charts).to.deep.equal([
      { name: 'keystone', version: '2024.2.5', revision: '7' },
      { name: 'nova', version: '2024.2.1', revision: '3' },
    ]);
  });

  it('names each image once, with the digest that the nodes pulled', async () => {
    const { images } = await subjectOf(recording());
    expect(images.filter((image) => image.includes('/keystone:'))).to.have.length(1);
    expect(images.filter((image) => image.includes('/keystone:'))[0]).to.match(
      /^quay\.io\/airshipit\/keystone:2024\.2-ubuntu_jammy@sha256:[0-9a-f]{64}$/,
    );
    expect(images).to.deep.equal([...images].sort());
  });

  it('is the same in any order, tells no secret, and does without secrets that it may not see', async () => {
    const subject = await subjectOf(recording());
    expect(await subjectOf(shuffled(recording(), 'x'))).to.deep.equal(subject);
    expect(JSON.stringify(subject)).to.not.include('hunter2');
    expect((await subjectOf(readRecording('kubeadm-openstack-helm'))).charts).to.deep.equal([]);
    expect(subject.systems.map((system) => system.distribution)).to.deep.equal(['kubeadm', 'openstack-helm']);
  });
});
