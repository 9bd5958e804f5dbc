import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { readFelt, readHeld } from '../../src/labs/reference/pressure.ts';
import type { Felt } from '../../src/ports/lab.ts';
import { madePart } from './made-part.ts';
import { MEMORY_LIMIT, openStandIn, SMALL_FOLDER, type StandIn } from './stand-in-node.ts';
import { clock, isShort, say, until } from './the-lab.ts';

const MB = 1024 ** 2;

/** Long enough to look at it on a host that has much else to do. */
const HOLD_MS = 10_000;
/** It is looked for by a process that waits for its turn as all others do. */
const LATE_MS = 8000;

/** A process that opens something ten times a second, and writes whether it could. */
const OPENER = `
import ctypes, os, time
ctypes.CDLL(None).prctl(15, b'sq-opener', 0, 0, 0)
while True:
    try:
        os.close(os.open('/dev/null', 0)); print('opens', flush=True)
    except OSError as error:
        print(error.errno, flush=True)
    time.sleep(0.1)
`;

/** A client and a server that stay connected, and a client that connects again and again. */
const TALKER = `
import ctypes, socket, time
ctypes.CDLL(None).prctl(15, b'sq-talker', 0, 0, 0)
server = socket.create_server(('127.0.0.1', 0), backlog=1000)
old = socket.create_connection(server.getsockname(), 10); other, _ = server.accept(); other.settimeout(2)
while True:
    try:
        old.send(b'x'); other.recv(1); says = 'old goes on, '
    except OSError:
        says = 'old is broken, '
    try:
        new = socket.create_connection(server.getsockname(), 0.4); server.accept()[0].close(); new.close(); says += 'new connects'
    except OSError:
        says += 'new is dropped'
    print(says, flush=True)
    time.sleep(0.1)
`;

describe('the program that takes away what a node has, without a cluster', () => {
  let node: StandIn;
  let program: string;

  before(async () => {
    program = await madePart('node-pressure');
    node = await openStandIn();
  });
  // Where it could not be opened there is none.
  after(() => (node as StandIn | undefined)?.remove());

  const feel = async (...what: readonly string[]): Promise<Felt> =>
    readFelt(await node.run(program, 'feel', ...what));
  const held = async (): Promise<readonly string[]> =>
    readHeld(await node.run(program, 'list')).map(({ id, run, kind }) => `${kind} ${id} ${run}`);
  const end = (id: string): Promise<string> => node.run(program, 'end', '-id', id);
  const begin = (
    id: string,
    what: readonly string[],
    { amount = 0, ms = 60_000, room = MB }: { amount?: number; ms?: number; room?: number } = {},
  ): Promise<string> => {
    const until = String(Math.round(Date.parse(clock.wall()) + ms));
    const given = ['-id', id, '-run', 'test', '-until', until, '-amount', String(amount)];
    return node.run(program, 'begin', ...given, '-room', String(room), '-timer=false', ...what);
  };
  const refusal = (asked: Promise<string>): Promise<string> =>
    asked.then(
      () => 'it was done',
      (error: unknown) => String(error),
    );
  /** As whoever wants it to end at once would. */
  const killHolders = async (): Promise<void> => {
    await node.run('pkill', '-KILL', '--full', '--', 'node-pressure [h]old');
    await clock.sleep({ ms: 300 });
  };

  /** What every kind must do: it is there, and is gone by its end, by an order, and by a kill. */
  const KINDS = [
    ['memory', ['-kind', 'memory'], 100 * MB, (was: Felt, now: Felt) => was.left - now.left > 95 * MB],
    ['disk', ['-kind', 'disk', '-path', SMALL_FOLDER], 64 * MB, (_: Felt, now: Felt) => !now.works],
    ['cpu', ['-kind', 'cpu'], 8, (was: Felt, now: Felt) => now.left < was.left / 3],
  ] as const;

  for (const [name, what, amount, shows] of KINDS.filter(([name]) => !isShort || name === 'disk')) {
    it(`${name}: is felt, and is gone by an order, twice, and by the clock, and by a kill`, async () => {
      const was = await feel(...what);
      const isBack = (now: Felt): boolean => now.works && !shows(was, now);
      await begin('test/one', what, { amount });
      const pressed = await feel(...what);
      expect(await held()).to.deep.equal([`${name} test/one test`]);
      await end('test/one');
      await end('test/one');
      const back = await feel(...what);
      say(`        ${[was, pressed, back].map(({ left }) => left).join(', ')}`);
      expect(shows(was, pressed), JSON.stringify(pressed)).to.equal(true);
      expect(isBack(back), JSON.stringify(back)).to.equal(true);

      const endMs = clock.now().ns / 1e6 + HOLD_MS;
      await begin('test/two', what, { amount, ms: HOLD_MS });
      expect(await held()).to.deep.equal([`${name} test/two test`]);
      await until(HOLD_MS + LATE_MS, async () =>
        (await held()).length > 0 ? 'it is still held' : undefined,
      );
      const lateMs = Math.round(clock.now().ns / 1e6 - endMs);
      expect(lateMs).to.be.within(-100, LATE_MS);
      expect(isBack(await feel(...what))).to.equal(true);

      await begin('test/three', what, { amount });
      await killHolders();
      expect(await held()).to.deep.equal([]);
      expect(isBack(await feel(...what))).to.equal(true);
    });
  }

  it('takes the place of what is held under the same id', async () => {
    await begin('test/again', ['-kind', 'memory'], { amount: 20 * MB });
    await begin('test/again', ['-kind', 'memory'], { amount: 30 * MB });
    expect(await held()).to.have.length(1);
    await end('test/again');
    expect(await held()).to.deep.equal([]);
  });

  for (const [title, what, given, says] of [
    [
      'memory beyond the limit of the node',
      ['-kind', 'memory'],
      { amount: MEMORY_LIMIT },
      'limit of this node',
    ],
    [
      'memory that would leave too little to the host',
      ['-kind', 'memory'],
      { amount: MB, room: 1e15 },
      'must stay',
    ],
    [
      'a disk that is not the node’s own',
      ['-kind', 'disk', '-path', '/'],
      { amount: MB },
      'disk of the host',
    ],
    [
      'a file system in memory where that would leave too little to the host',
      ['-kind', 'disk', '-path', SMALL_FOLDER],
      { amount: MB, room: 1e15 },
      'must stay',
    ],
    ['a folder that is not there', ['-kind', 'disk', '-path', '/nowhere'], { amount: MB }, 'no such file'],
    ['more threads than anybody means', ['-kind', 'cpu'], { amount: 1000 }, 'too many'],
    ['descriptors of nobody', ['-kind', 'descriptors', '-unit', 'nobody'], {}, 'no process is called'],
    ['what it does not know', ['-kind', 'gravity'], { amount: 1 }, 'no pressure of the kind'],
    ['an end that has come already', ['-kind', 'memory'], { amount: MB, ms: -1000 }, 'still to come'],
  ] as const) {
    it(`refuses ${title}, and takes nothing`, async () => {
      expect(await refusal(begin('test/refused', what, given))).to.contain(says);
      expect(await held()).to.deep.equal([]);
    });
  }

  it('refuses the table of connections of the host’s own network', async () => {
    const { execFile } = await import('node:child_process');
    const said = await new Promise<string>((resolve) =>
      execFile(program, ['feel', '-kind', 'conntrack'], (_, stdout, stderr) => resolve(`${stdout}${stderr}`)),
    );
    expect(said).to.contain('shares the network of its host');
  });

  it('conntrack: lets no new connection in while the table is full, and empties it', async () => {
    const what = ['-kind', 'conntrack'];
    const was = await feel(...what);
    expect(was.works).to.equal(true);
    await begin('test/one', what, { amount: 1000 });
    expect((await feel(...what)).left).to.equal(was.left - 1000);
    await end('test/one');
    expect(await feel(...what)).to.deep.equal(was);
    await begin('test/two', what, { amount: was.total });
    const full = await feel(...what);
    expect(full).to.deep.equal({ total: was.total, left: 0, works: false });
    await end('test/two');
    expect(await feel(...what)).to.deep.equal(was);
  });

  it('conntrack: drops who connects anew while the table is full, and lets go on who is connected', async () => {
    await node.run('ip', 'link', 'set', 'lo', 'up');
    // Whoever asks for the state of connections has them tracked.
    await node.run('nft', 'add table ip t; add chain ip t c { type filter hook output priority 0; }');
    await node.run('nft', 'add rule ip t c ct state new counter');
    const talker = node.start('python3', '-c', TALKER);
    const said: string[] = [];
    talker.stdout?.on('data', (text: Buffer) => said.push(...text.toString().trim().split('\n')));
    const soon = (expected: string): Promise<void> => {
      said.length = 0;
      return until(HOLD_MS + LATE_MS, () =>
        Promise.resolve(said.at(-1) === expected ? undefined : `it says ${said.at(-1) ?? 'nothing'}`),
      );
    };
    await soon('old goes on, new connects');
    await begin('test/full', ['-kind', 'conntrack'], { amount: 1e6 });
    await soon('old goes on, new is dropped');
    await end('test/full');
    await soon('old goes on, new connects');
    await node.run('pkill', '-KILL', '--exact', 'sq-talker');
  });

  it('conntrack: what the kernel keeps when its holder was killed goes by an order, from another process', async () => {
    const what = ['-kind', 'conntrack'];
    const was = await feel(...what);
    await begin('test/killed', what, { amount: 5000 });
    await killHolders();
    // What was tracked here before ends meanwhile.
    expect((await feel(...what)).left).to.be.closeTo(was.left - 5000, 1000);
    await end('test/killed');
    expect((await feel(...what)).left).to.be.closeTo(was.left, 1000);
  });

  it('descriptors: a process opens nothing more, and opens again after an order, its end, and a kill with an order', async () => {
    const opener = node.start('python3', '-c', OPENER);
    const said: string[] = [];
    opener.stdout?.on('data', (text: Buffer) => said.push(...text.toString().trim().split('\n')));
    const soon = (expected: string): Promise<void> => {
      // What it says from now on.
      said.length = 0;
      return until(HOLD_MS + LATE_MS, () =>
        Promise.resolve(said.at(-1) === expected ? undefined : `it says ${said.at(-1) ?? 'nothing'}`),
      );
    };
    const what = ['-kind', 'descriptors', '-unit', 'sq-opener'];
    await soon('opens');
    const was = await feel(...what);
    await begin('test/one', what);
    await soon('24');
    expect(await feel(...what)).to.include({ left: 0, works: false });
    await end('test/one');
    await soon('opens');
    expect(await feel(...what)).to.deep.equal(was);

    await begin('test/two', what, { ms: HOLD_MS });
    await soon('24');
    await soon('opens');
    expect(await held()).to.deep.equal([]);

    await begin('test/three', what);
    await killHolders();
    // A limit of somebody else’s outlives who set it: it is found by what was written down, and on a node a timer ends it.
    expect(await held()).to.deep.equal(['descriptors test/three test']);
    await soon('24');
    await end('test/three');
    await soon('opens');
    expect(await held()).to.deep.equal([]);
    await node.run('pkill', '-KILL', '--exact', 'sq-opener');
  });
});
