import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExistingLab } from '../../../src/labs/existing/existing-lab.ts';
import { ABILITIES } from '../../../src/model/abilities.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import { abilitiesOf } from '../../../src/ports/lab.ts';

describe('labs/existing', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'squall-existing-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('brings nothing up and takes nothing down, and says so', async () => {
    const lab = createExistingLab({ kubeconfig: 'x', environment: {} });
    const said: string[] = [];
    await lab.up((says) => said.push(says), new AbortController().signal);
    await lab.down((says) => said.push(says));
    expect(said).to.have.length(2);
    expect(said[0]).to.include('nothing to bring up');
    expect(said[1]).to.include('nothing to take down');
    expect(lab.owned).to.equal(false);
    expect((await lab.status()).state).to.equal('up');
  });

  it('has or misses every ability, and each that it misses has a reason and a remedy', async () => {
    for (const options of [
      { kubeconfig: 'x' },
      { kubeconfig: 'x', testImage: 'registry.example/squall-test-app' },
      { kubeconfig: 'x', probeImage: 'registry.example/squall-test-app' },
      { kubeconfig: 'x', cloud: 'c', cloudsYaml: 'y' },
      { cloud: 'c', cloudsYaml: 'y' },
    ]) {
      const lab = createExistingLab({ ...options, environment: {} });
      const missing = await lab.missing();
      const has = abilitiesOf(lab, await lab.connection());
      expect([...has, ...missing.map((each) => each.ability)].sort()).to.deep.equal([...ABILITIES].sort());
      for (const { reason, remedy } of missing)
        expect(`${reason} ${remedy}`).to.match(/^[A-Z].*\. [A-Z].*\.$/);
    }
  });

  it('takes an image for probes alone, and then lets suites do no more than before', async () => {
    const has = async (options: { readonly testImage?: string; readonly probeImage?: string }) => {
      const lab = createExistingLab({ kubeconfig: 'x', environment: {}, ...options });
      return abilitiesOf(lab, await lab.connection());
    };
    expect(await has({ probeImage: 'i' })).to.deep.equal(['kubernetes', 'test-image']);
    expect(await has({ probeImage: 'i', testImage: 'j' })).to.include('whole-kubernetes');
    expect(await has({})).to.deep.equal(['kubernetes']);
  });

  it('finds its kubeconfig: named, then KUBECONFIG, then the home folder', async () => {
    const find = async (
      kubeconfig: string | undefined,
      environment: Record<string, string>,
    ): Promise<string | undefined> =>
      (
        await createExistingLab({
          ...(kubeconfig === undefined ? {} : { kubeconfig }),
          environment,
        }).connection()
      ).kubeconfig;
    await mkdir(join(home, '.kube'));
    await writeFile(join(home, '.kube', 'config'), '');
    expect(await find('/a', { KUBECONFIG: '/b', HOME: home })).to.equal('/a');
    expect(await find(undefined, { KUBECONFIG: '/b', HOME: home })).to.equal('/b');
    expect(await find(undefined, { HOME: home })).to.equal(join(home, '.kube', 'config'));
  });

  it('is the cluster of its own pod where nothing else is named, and only where a token was given to the pod', async () => {
    const inPod = { HOME: home, KUBERNETES_SERVICE_HOST: '127.0.0.1' };
    const find = async (environment: Record<string, string>, kubeconfig?: string) =>
      (
        await createExistingLab({
          environment,
          cloud: 'c',
          serviceAccount: home,
          ...(kubeconfig === undefined ? {} : { kubeconfig }),
        }).connection()
      ).kubeconfig;
    expect(await find(inPod)).to.equal(undefined);
    await writeFile(join(home, 'token'), 't');
    expect(await find(inPod)).to.equal(home);
    expect(await find({ HOME: home })).to.equal(undefined);
    expect(await find(inPod, '/a')).to.equal('/a');
    expect(await find({ ...inPod, KUBECONFIG: '/b' })).to.equal('/b');
    const alone = createExistingLab({ environment: inPod, serviceAccount: home });
    expect(abilitiesOf(alone, await alone.connection())).to.deep.equal(['kubernetes']);
  });

  it('looks for a cloud only when one is named', async () => {
    await mkdir(join(home, '.config', 'openstack'), { recursive: true });
    const file = join(home, '.config', 'openstack', 'clouds.yaml');
    await writeFile(file, '');
    const options = { kubeconfig: '/a', context: 'c' };
    expect(await createExistingLab({ ...options, environment: { HOME: home } }).connection()).to.deep.equal(
      options,
    );
    const named = await createExistingLab({
      ...options,
      environment: { HOME: home, OS_CLOUD: 'prod' },
    }).connection();
    expect(named).to.deep.equal({ ...options, cloud: 'prod', cloudsYaml: file });
    const environment = { HOME: home, OS_CLIENT_CONFIG_FILE: '/etc/other.yaml' };
    expect(await createExistingLab({ ...options, cloud: 'prod', environment }).connection()).to.include({
      cloudsYaml: '/etc/other.yaml',
    });
  });

  it('refuses when neither is there', async () => {
    const error: unknown = await createExistingLab({ environment: { HOME: home } })
      .connection()
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(HarnessError);
    expect((error as HarnessError).code).to.equal('SQ_KUBECONFIG');
    expect((error as HarnessError).remedy).to.include('--os-cloud');
  });
});
