import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { chooseContext } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import { kubeconfigFor, TOKEN } from './api-server.ts';

const clock = createSystemClock();
const HTTPS = 'https://127.0.0.1:6443';

describe('adapters/kubernetes: kubeconfig', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-kubeconfig-'));
    file = join(folder, 'config');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function refusal(text: string | undefined, context?: string): Promise<HarnessError> {
    if (text !== undefined) await writeFile(file, text);
    const connection = { kubeconfig: file, ...(context === undefined ? {} : { context }) };
    const error: unknown = await createKubernetesApi({ connection, environment: {}, clock }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(HarnessError);
    const refused = error as HarnessError;
    expect(refused.code).to.equal('SQ_KUBECONFIG');
    expect(refused.message).to.include(folder);
    expect(`${refused.message} ${refused.remedy} ${JSON.stringify(refused.facts)}`).to.not.include(TOKEN);
    return refused;
  }

  it('takes the folder of a service account for its cluster', async () => {
    const inPod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    await writeFile(join(folder, 'token'), TOKEN);
    expect(await chooseContext({ kubeconfig: folder }, inPod)).to.deep.include({
      context: 'in-cluster',
      server: 'https://[fd00::1]:6443',
      verify: true,
      caFile: join(folder, 'ca.crt'),
      user: { tokenFile: join(folder, 'token') },
    });
    expect(await chooseContext({ kubeconfig: folder, context: 'in-cluster' }, inPod)).to.have.property(
      'context',
    );
    for (const [choice, environment, says] of [
      [{ kubeconfig: folder }, {}, 'KUBERNETES_SERVICE_HOST'],
      [{ kubeconfig: folder, context: 'prod' }, inPod, 'prod'],
    ] as const) {
      const error = await chooseContext(choice, environment).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HarnessError).with.property('message').that.includes(says);
    }
  });

  const good = kubeconfigFor(HTTPS);
  const rows: readonly { title: string; text: string | undefined; context?: string; says: RegExp }[] = [
    { title: 'a file that is not there', text: undefined, says: /does not exist/ },
    { title: 'an empty file', text: '', says: /is empty/ },
    { title: 'what is not YAML', text: `token: "${TOKEN}\n  x: [`, says: /is not YAML at line/ },
    { title: 'a list', text: '- a', says: /should be a mapping/ },
    { title: 'contexts that are no list', text: 'contexts: 5', says: /contexts should be a list/ },
    {
      title: 'a cluster without a server',
      text: good.replace(/server: "[^"]*",/, ''),
      says: /clusters\[0\].cluster.server is missing/,
    },
    {
      title: 'a token that is a number',
      text: good.replace(`token: ${TOKEN}`, 'token: 5'),
      says: /users\[0\].user.token should be a text/,
    },
    {
      title: 'an unknown context, naming those that exist',
      text: good,
      context: 'prod',
      says: /no context prod; it has lab, other/,
    },
    {
      title: 'no current context',
      text: good.replace('current-context: lab', ''),
      says: /no current context/,
    },
    {
      title: 'a context whose user is missing',
      text: good.replace('- name: someone', '- name: nobody'),
      says: /names the user someone, which is not there/,
    },
    {
      title: 'a server whose password holds a slash, which is a path then',
      text: kubeconfigFor(`https://ops/x:${TOKEN}@127.0.0.1:6443`),
      says: /holds a user or a password/,
    },
    { title: 'a server that is no URL', text: kubeconfigFor('somewhere'), says: /is not a URL/ },
    {
      title: 'plain HTTP that the file does not allow',
      text: kubeconfigFor('http://127.0.0.1:1').replace(', insecure-skip-tls-verify: true', ''),
      says: /plain HTTP/,
    },
    {
      title: 'a certificate file that is missing',
      text: kubeconfigFor(HTTPS, 'client-certificate: gone.pem'),
      says: /gone\.pem, which .* could not be read/,
    },
    {
      title: 'aliases that multiply',
      text: `a: &a [x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
        .join('\n')}`,
      says: /is not YAML/,
    },
  ];
  for (const { title, text, context, says } of rows) {
    it(`refuses ${title}`, async () => {
      expect((await refusal(text, context)).message).to.match(says);
    });
  }

  it('refuses a file that may not be read, and a folder', async () => {
    await mkdir(file);
    expect((await refusal(undefined)).message).to.include('could not be read (EISDIR)');
    await rm(file, { recursive: true });
    await writeFile(file, good);
    await chmod(file, 0);
    // Root may read everything, so for root there is nothing to refuse.
    if (process.getuid?.() !== 0)
      expect((await refusal(undefined)).message).to.include('could not be read (EACCES)');
  });

  it('finds the file by KUBECONFIG and then the home folder; of several files the first to name a thing wins', async () => {
    const other = join(folder, 'other');
    await writeFile(file, good);
    await writeFile(other, kubeconfigFor('https://127.0.0.2:1').replaceAll('lab', 'second'));
    expect((await chooseContext({}, { KUBECONFIG: `${file}:${other}` })).server).to.equal(HTTPS);
    expect((await chooseContext({ context: 'second' }, { KUBECONFIG: `${file}:${other}` })).context).to.equal(
      'second',
    );
    await mkdir(join(folder, '.kube'));
    await writeFile(join(folder, '.kube', 'config'), kubeconfigFor('https://127.0.0.3:1'));
    expect((await chooseContext({}, { HOME: folder })).server).to.equal('https://127.0.0.3:1');
  });

  it('reads passwords and token files, and asks the plug-in that a user names', async () => {
    const headerOf = async (user: string): Promise<string> => {
      await writeFile(file, kubeconfigFor(HTTPS, user));
      const api = await createKubernetesApi({ connection: { kubeconfig: file }, environment: {}, clock });
      const header = (await api.access()).headers['authorization'];
      await api.close();
      expect(header).to.be.instanceOf(Secret);
      return (header as Secret).reveal();
    };
    expect(await headerOf('username: a, password: b')).to.equal(
      `Basic ${Buffer.from('a:b').toString('base64')}`,
    );
    await writeFile(join(folder, 'token'), 'from-a-file\n');
    expect(await headerOf('tokenFile: token')).to.equal('Bearer from-a-file');
    const credential = JSON.stringify({ kind: 'ExecCredential', status: { token: 'from-a-program' } });
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', `console.log(${JSON.stringify(credential)})`],
    };
    expect(await headerOf(`exec: ${JSON.stringify(exec)}`)).to.equal('Bearer from-a-program');
    const broken = await headerOf(
      `exec: ${JSON.stringify({ ...exec, args: ['-e', 'console.error("hunter2");process.exit(1)'] })}`,
    ).catch((error: unknown) => error as HarnessError);
    expect(broken).to.be.instanceOf(HarnessError);
    expect((broken as HarnessError).code).to.equal('SQ_AUTH');
    expect((broken as HarnessError).message).to.not.include('hunter2');
  }).timeout(15_000);
});
