import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { cacheFolder } from '../../src/entries/places.ts';
import { call } from '../samples-query/python.ts';

/**
 * Hands the manifests of the CronJobs to a real API server, alone with its etcd on loopback: it takes them by its strict rules, makes the
 * jobs that somebody starts by hand, and refuses what was spoiled. Both programs are parts of the reference lab, made by its first `up`.
 */
const parts = join(cacheFolder(process.env), 'parts');
const TOKEN = 'of-this-bench';
const MANIFESTS = readdirSync('pipelines/kubernetes').map((name) => join('pipelines/kubernetes', name));

/** Each spoils a manifest in a way that only a server can know. */
const SPOILED: Readonly<Record<string, (text: string) => string>> = {
  'a word that is none of a field': (text) => text.replace('operator: NotIn', 'operator: Not'),
  'a field that there is not': (text) => text.replace('startingDeadlineSeconds', 'startingDeadline'),
  'a schedule that is none': (text) => text.replace(/schedule: '.*'/, "schedule: 'at night'"),
  'a zone that is none': (text) => text.replace('timeZone: Etc/UTC', 'timeZone: Etc/Nowhere'),
  'a rule for a container that is not there': (text) =>
    text.replace('containerName: squall', 'containerName: other'),
};

function part(program: string): string {
  const folder = existsSync(parts)
    ? readdirSync(parts).find((name) => existsSync(join(parts, name, program)))
    : undefined;
  if (folder === undefined)
    throw new Error(
      `There is no ${program}: bring the reference lab up once (squall lab up --lab reference).`,
    );
  return join(parts, folder, program);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

const folder = mkdtempSync(join(tmpdir(), 'squall-real-api-'));
const started: ChildProcess[] = [];
const wrong: string[] = [];

function start(program: string, args: readonly string[]): void {
  started.push(spawn(part(program), args, { stdio: 'ignore', cwd: folder }));
}

function kubectl(server: string, args: readonly string[], input?: string): { ok: boolean; says: string } {
  const { status, stdout, stderr } = spawnSync(
    part('kubectl'),
    ['--server', server, '--insecure-skip-tls-verify', '--token', TOKEN, ...args],
    { encoding: 'utf8', timeout: 120_000, env: { PATH: process.env['PATH'], HOME: folder }, input },
  );
  return { ok: status === 0, says: `${stdout}${stderr}`.trim() };
}

async function serve(): Promise<string> {
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const peers = `http://127.0.0.1:${peer}`;
  const store = `http://127.0.0.1:${client}`;
  start('etcd', [
    ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', store, '--advertise-client-urls', store],
    ...[
      '--listen-peer-urls',
      peers,
      '--initial-advertise-peer-urls',
      peers,
      '--initial-cluster',
      `default=${peers}`,
    ],
  ]);
  const key = join(folder, 'accounts.key');
  call('openssl', ['genrsa', '-out', key, '2048']);
  writeFileSync(join(folder, 'tokens'), `${TOKEN},bench,1,system:masters\n`);
  start('kube-apiserver', [
    ...['--etcd-servers', store, '--bind-address', '127.0.0.1', '--secure-port', String(secure)],
    ...['--cert-dir', join(folder, 'certificates'), '--token-auth-file', join(folder, 'tokens')],
    ...['--authorization-mode', 'RBAC', '--service-cluster-ip-range', '10.0.0.0/24'],
    ...['--service-account-issuer', 'https://kubernetes.default.svc', '--service-account-key-file', key],
    ...['--service-account-signing-key-file', key, '--disable-admission-plugins', 'ServiceAccount'],
  ]);
  const server = `https://127.0.0.1:${secure}`;
  for (let turn = 0; !kubectl(server, ['get', '--raw', '/readyz']).ok; turn++) {
    if (turn === 120) throw new Error('The API server did not become ready.');
    await setTimeout(1000);
  }
  return server;
}

try {
  const server = await serve();
  const expect = (what: string, ok: boolean, { ok: found, says }: { ok: boolean; says: string }): void => {
    process.stdout.write(
      `${found ? 'taken  ' : 'refused'} ${what}${found ? '' : `: ${says.split('\n')[0] ?? ''}`}\n`,
    );
    if (found !== ok) wrong.push(`${what}: ${says}`);
  };
  const rbac = kubectl(server, ['apply', '--validate=strict', '-f', 'docs/rbac/discovery.yaml']);
  expect('docs/rbac/discovery.yaml, with the namespace', true, rbac);
  for (const file of MANIFESTS) {
    expect(file, true, kubectl(server, ['apply', '--validate=strict', '-f', file]));
    const [, name = ''] = /name: (squall-\w+)/.exec(readFileSync(file, 'utf8')) ?? [];
    const job = ['create', 'job', '--namespace', 'squall', `--from=cronjob/${name}`, `${name}-1`];
    expect(`a job of ${name}`, true, kubectl(server, job));
  }
  const text = readFileSync('pipelines/kubernetes/nightly.yaml', 'utf8');
  for (const [what, spoil] of Object.entries(SPOILED))
    expect(what, false, kubectl(server, ['apply', '--validate=strict', '-f', '-'], spoil(text)));
} finally {
  for (const child of started.reverse()) {
    child.kill('SIGTERM');
    await new Promise((done) => (child.exitCode === null ? child.on('exit', done) : done(undefined)));
  }
  rmSync(folder, { recursive: true, force: true });
}
for (const says of wrong) process.stdout.write(`wrong: ${says}\n`);
const ok = wrong.length === 0;
process.stdout.write(
  `${JSON.stringify({ bench: 'pipelines-real-api', target: 0, ok, wrong: wrong.length })}\n`,
);
process.exitCode = ok ? 0 : 1;
