import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { makeHome, squall, type Home } from './squall-process.ts';

const HEAD = 'apiVersion: squall.dev/v1alpha1\nkind: ChaosPlan\nmetadata: {name: bad}\n';

/** Nine levels of nine aliases: 387 million nodes if it were expanded. */
const BOMB = Array.from(
  { length: 9 },
  (_, n) =>
    `l${n}: &l${n} [${
      n === 0
        ? 'x'
        : Array(9)
            .fill(`*l${n - 1}`)
            .join(', ')
    }]`,
).join('\n');

const PLANS: readonly { readonly title: string; readonly text: string; readonly says: RegExp }[] = [
  { title: 'an empty plan', text: '', says: /empty/ },
  { title: 'an unknown key', text: `${HEAD}methods: []\n`, says: /bad\.yaml:4:1 methods: .*did you mean/is },
  { title: 'a wrong type', text: `${HEAD}method: 5\n`, says: /bad\.yaml:4:9 method/ },
  { title: 'a YAML bomb', text: `${HEAD}${BOMB}\n`, says: /bad\.yaml/ },
  { title: 'a plan of 10 MB', text: `${HEAD}# ${'x'.repeat(10 * 1024 * 1024)}\n`, says: /bytes|MiB/ },
  {
    title: 'an unknown fault',
    text: `${HEAD}method:\n  - fault: pod-delet\n    selector: {role: api}\n`,
    says: /5:\d+ .*pod-delete/,
  },
  {
    title: 'a duration that is none',
    text: `${HEAD}method:\n  - fault: pod-delete\n    selector: {service: keystone}\n  - fault: node-power-off\n    selector: {role: control}\n    duration: 5 minutes\n`,
    says: /bad\.yaml:9:15 method\[1\]\.duration: "5 minutes" is not a duration such as 30s or 5m30s/,
  },
  {
    title: 'a selector that names everything',
    text: `${HEAD}method:\n  - fault: pod-delete\n    selector: {}\n`,
    says: /selector/,
  },
];

describe('bad input', function () {
  this.timeout(30_000);
  let home: Home;

  before(async () => {
    home = await makeHome();
  });
  after(() => home.remove());

  it('refuses the one suite of several that there is not', async () => {
    const { code, stderr } = await squall(home, [
      'test',
      'kubernetes/no-such',
      'kubernetes/quotas',
      '--list',
    ]);
    expect([code, stderr.split('\n')[0]]).to.deep.equal([
      2,
      'squall: No suite is called kubernetes/no-such.',
    ]);
  });

  for (const { title, text, says } of PLANS) {
    it(`refuses ${title} with exit 2 and touches nothing`, async () => {
      const file = join(home.path, 'bad.yaml');
      await writeFile(file, text);
      const { code, stdout, stderr } = await squall(home, ['run', file]);
      expect(stderr).to.match(says);
      expect(code, stderr).to.equal(2);
      expect(stdout).to.equal('');
      const lab = await squall(home, ['lab', 'status', '-o', 'json']);
      expect(JSON.parse(lab.stdout)).to.have.property('state', 'down');
    });
  }

  it('takes a word that the parser brings along, and nothing behind it', async () => {
    const { code, stdout, stderr } = await squall(home, ['completion']);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/squall --get-yargs-completions/);
    expect((await squall(home, ['completion', 'more'])).code).to.equal(2);
  });

  it('prints its version, also where a command stands before it, and starts nothing', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly version: string };
    for (const args of [['--version'], ['run', '--version']]) {
      const { code, stdout, stderr } = await squall(home, args);
      expect([code, stdout, stderr]).to.deep.equal([0, `${version}\n`, '']);
    }
  });

  it('takes variables that are no options, and refuses them as options and any other', async () => {
    const given = { SQUALL_PARTS: home.path, SQUALL_POD_NAMESPACE: 'here', SQUALL_NODE_NAME: 'this' };
    expect((await squall(home, ['list', 'labs'], given)).code).to.equal(0);
    expect((await squall(home, ['list', 'labs', '--parts', 'x'], given)).code).to.equal(2);
    expect((await squall(home, ['list', 'labs'], { SQUALL_PART: 'x' })).code).to.equal(2);
  });

  it('takes a variable for the option of the commands that have it, and lets the others be', async () => {
    const given = { SQUALL_LIST: 'true' };
    expect((await squall(home, ['list', 'labs'], given)).code).to.equal(0);
    const { code, stdout } = await squall(home, ['test'], given);
    expect([code, stdout.split(' ')[0]]).to.deep.equal([0, 'CASE']);
  });

  it('takes 1 in a variable for a yes, and refuses what is neither yes nor no', async () => {
    const dry = await squall(home, ['stop'], { SQUALL_DRY_RUN: '1' });
    expect(dry.stderr).to.match(/would stop/);
    expect(dry.code).to.equal(0);
    const unclear = await squall(home, ['list', 'labs'], { SQUALL_YES: 'maybe' });
    expect([unclear.code, unclear.stderr.split('\n')[0]]).to.deep.equal([
      2,
      'squall: `SQUALL_YES` cannot be "maybe": it is true or false.',
    ]);
  });

  for (const { title, args, code, says } of commandLines()) {
    it(`refuses ${title} with exit ${code}`, async () => {
      const ended = await squall(home, args);
      expect(ended.stderr).to.match(says);
      expect(ended.code, ended.stderr).to.equal(code);
      expect(ended.stdout).to.equal('');
    });
  }

  it('says of a misspelt plan which one was probably meant, and of a file that it is not there', async () => {
    const misspelt = await squall(home, ['plan', 'frist-run']);
    expect(misspelt.stderr).to.match(/no plan of that name comes with Squall: did you mean "first-run"\?/);
    expect((await squall(home, ['plan', './first-run.yaml'])).stderr).to.match(
      /There is no plan file first-run/,
    );
  });

  it('touches no lab with --dry-run, and says what it would do', async () => {
    for (const action of ['up', 'down']) {
      const { code, stderr } = await squall(home, ['lab', action, '--dry-run']);
      expect([code, stderr]).to.deep.equal([
        0,
        `squall: would ${action === 'up' ? 'bring' : 'take'} the lab rehearsal ${action}; it is down\n`,
      ]);
    }
    expect((await squall(home, ['lab', 'status', '-o', 'json'])).stdout).to.match(/"state": "down"/);
  });

  it('says that there was nothing to heal', async () => {
    const { code, stderr } = await squall(home, ['heal']);
    expect([code, stderr]).to.deep.equal([
      0,
      'squall: nothing is open in the journals of this machine, and no lab is up that could carry a mark of Squall\n',
    ]);
  });

  it('refuses a selector that matches nothing when it sees the topology', async () => {
    const file = join(home.path, 'bad.yaml');
    await writeFile(file, `${HEAD}method:\n  - fault: pod-delete\n    selector: {service: kestrel}\n`);
    const { code, stderr } = await squall(home, ['plan', file]);
    expect(stderr).to.match(/there is no service kestrel, but .*keystone/);
    expect(code, stderr).to.equal(3);
  });

  it('refuses a plan that would break quorum, with its reasoning', async () => {
    const file = join(home.path, 'bad.yaml');
    await writeFile(
      file,
      `${HEAD}limits: {maxTargets: 3, maxShare: 100%}\nmethod:\n  - fault: node-power-off\n    selector: {role: control}\n    mode: fixed\n    value: 2\n    duration: 5s\n`,
    );
    const { code, stdout, stderr } = await squall(home, ['plan', file]);
    expect(stdout + stderr).to.match(/quorum/);
    expect(code, stderr).to.equal(3);
  });

  it('reads no clouds.yaml or kubeconfig that it cannot read', async () => {
    const folder = join(home.path, 'is-a-folder');
    await mkdir(folder, { recursive: true });
    const { code, stderr } = await squall(home, [
      'run',
      'pod-delete-each-api',
      '--lab',
      'existing',
      '--yes',
      '--kubeconfig',
      folder,
    ]);
    expect(stderr).to.match(/SQ_KUBECONFIG/);
    expect(code, stderr).to.equal(3);
  });

  it('says what a wrong Kubernetes endpoint does: refuse, hang, lie about its length, send HTML', async () => {
    for (const { answer, says } of ENDPOINTS) {
      const server = await listen(answer);
      try {
        const kubeconfig = join(home.path, 'kubeconfig');
        await writeFile(kubeconfig, kubeconfigFor(server));
        const { code, stderr, stdout } = await squall(home, [
          'lab',
          'status',
          '--lab',
          'existing',
          '--kubeconfig',
          kubeconfig,
        ]);
        const run = await squall(home, [
          'run',
          'pod-delete-each-api',
          '--lab',
          'existing',
          '--yes',
          '--kubeconfig',
          kubeconfig,
        ]);
        expect(code, stderr).to.not.equal(70);
        expect(run.stderr + run.stdout).to.match(says);
        expect(run.code, run.stderr + stdout).to.equal(3);
      } finally {
        server.close();
      }
    }
  }).timeout(120_000);
});

function commandLines(): readonly { title: string; args: readonly string[]; code: number; says: RegExp }[] {
  return [
    { title: 'an unknown command', args: ['rum'], code: 2, says: /no command `rum`: did you mean "run"\?/ },
    {
      title: 'an unknown option',
      args: ['run', '--sed', '4'],
      code: 2,
      says: /`--sed`: did you mean "seed"\?/,
    },
    { title: 'an option without its value', args: ['stop', '--why'], code: 2, says: /`--why` has no value/ },
    { title: 'a word too few', args: ['plan'], code: 2, says: /squall plan <plan>/ },
    { title: 'lanes that are none', args: ['test', '--lanes', 'some', '--list'], code: 2, says: /--lanes/ },
    {
      title: 'a case timeout without a unit',
      args: ['test', '--case-timeout', '5', '--list'],
      code: 2,
      says: /--case-timeout .*90s/,
    },
    { title: 'an unknown lab', args: ['lab', 'up', '--lab', 'moon'], code: 2, says: /moon.*rehearsal/ },
    { title: 'a plan that is not there', args: ['run', 'nowhere.yaml'], code: 2, says: /nowhere\.yaml/ },
    { title: 'an unknown parameter', args: ['plan', 'first-run', '--set', 'hodl=5s'], code: 2, says: /hodl/ },
    { title: 'a --set without =', args: ['plan', 'first-run', '--set', 'hold'], code: 2, says: /key=value/ },
    { title: 'a run that is not there', args: ['judge', 'nowhere'], code: 2, says: /nowhere/ },
    {
      title: 'a suite that is not there',
      args: ['test', 'kubernetes/nothing'],
      code: 2,
      says: /kubernetes\/nothing/,
    },
  ];
}

const HTML = '<html><body>Sign in</body></html>';

const ENDPOINTS: readonly { readonly answer: string; readonly says: RegExp }[] = [
  {
    answer: `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${HTML.length}\r\n\r\n${HTML}`,
    says: /SQ_BAD_ANSWER/,
  },
  {
    answer: 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"kind":',
    says: /SQ_(BAD_ANSWER|UNREACHABLE)/,
  },
  {
    answer: 'HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
    says: /SQ_AUTH/,
  },
];

async function listen(answer: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function kubeconfigFor(server: Server): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      { name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'u', user: { token: 'canary-token-5521' } }],
  });
}
