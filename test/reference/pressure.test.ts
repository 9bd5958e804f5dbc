import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import type { Felt, Pressure, PressureOrder, PressureTarget } from '../../src/ports/lab.ts';
import { hurtAndKill, squall } from './kill-squall.ts';
import { PRESSING } from './hurts.ts';
import { differences, nodeTraces, untilAsBefore } from './node-traces.ts';
import { clock, ensureUp, isShort, lab, say, until, untilWhole } from './the-lab.ts';

/** Nothing of it may live on for longer after its declared end, whatever became of Squall. */
const ALIVE_AT_MOST_MS = 5000;

const RECOVERS_WITHIN_MS = 240_000;

/** One that ends with its process; a timer of the node ends a stopped unit too, which CI sees. It has no time for all of them. */
const SHORT = ['disk-fill of a control node'];
const SHORT_KINDS = ['disk', 'descriptors'];
const isRun = ([title]: readonly [title: string, ...unknown[]]): boolean => !isShort || SHORT.includes(title);

const GB = 1024 ** 3;

/** Of each kind: what is asked for, and by what it is felt to be there. */
const KINDS: readonly (readonly [
  what: PressureTarget,
  node: string,
  amount: (was: Felt) => number,
  shows: (was: Felt, now: Felt) => boolean,
])[] = [
  [{ kind: 'cpu' }, 'compute-1', () => 2, (was, now) => now.left <= 1 / (1 / was.left + 1)],
  [{ kind: 'memory' }, 'compute-1', () => 5e8, (was, now) => now.left < was.left - 2.5e8],
  [{ kind: 'disk', path: '/var' }, 'compute-1', ({ total }) => total, (_, now) => !now.works],
  [{ kind: 'conntrack' }, 'compute-1', ({ total }) => total, (_, now) => !now.works],
  [{ kind: 'descriptors', unit: 'kubelet' }, 'compute-1', () => 0, (_, now) => !now.works],
];

describe('pressure on the reference lab', () => {
  let pressure: Pressure;

  before(async () => {
    await ensureUp();
    const found = lab.abilities.pressure;
    if (found === undefined) throw new Error('The lab takes nothing away from its nodes.');
    pressure = found;
  });

  it('takes all kinds on this host', async () => {
    const missing = (await lab.missing()).filter(({ ability }) => ability.startsWith('pressure-'));
    expect(missing.map(({ reason }) => reason)).to.deep.equal([]);
    expect(pressure.kinds).to.deep.equal(['cpu', 'memory', 'disk', 'descriptors', 'conntrack']);
  });

  for (const [what, node, amountOf, shows] of KINDS.filter(
    ([{ kind }]) => !isShort || SHORT_KINDS.includes(kind),
  )) {
    it(`${what.kind}: is felt on its node and on no other, and is gone after it, twice`, async () => {
      const feel = async (at: string): Promise<Felt> => {
        const felt = await pressure.feel(at, what);
        if (felt === undefined) throw new Error(`${at} is off`);
        return felt;
      };
      const [was, other] = [await feel(node), await feel('compute-2')];
      const order: PressureOrder = {
        id: 'test/pressure',
        run: 'test',
        node,
        what,
        amount: amountOf(was),
        endsAfter: { ms: 120_000 },
      };
      try {
        await pressure.press(order);
        const [now, beside] = [await feel(node), await feel('compute-2')];
        expect(await pressure.found(node)).to.deep.equal([
          { id: 'test/pressure', run: 'test', kind: what.kind },
        ]);
        say(`        ${was.left} of ${was.total}, ${now.left} while it lasts`);
        expect(shows(was, now), JSON.stringify(now)).to.equal(true);
        // Nodes share the processors and the memory of this host, as the disclosures say.
        if (what.kind !== 'cpu' && what.kind !== 'memory')
          expect(shows(other, beside), JSON.stringify(beside)).to.equal(false);
      } finally {
        await pressure.relieve(node, 'test/pressure');
      }
      await pressure.relieve(node, 'test/pressure');
      await until(20_000, async () => {
        const back = await feel(node);
        return back.works && !shows(was, back) ? undefined : `it is ${JSON.stringify(back)}`;
      });
      expect(await pressure.found(node)).to.deep.equal([]);
    });
  }

  it('leaves this host its disk and its memory, whatever is asked for', async () => {
    const order = (what: PressureTarget, amount: number): PressureOrder => ({
      id: 'test/too-much',
      run: 'test',
      node: 'compute-1',
      what,
      amount,
      endsAfter: { ms: 30_000 },
    });
    for (const [what, amount, says] of [
      [{ kind: 'memory' }, 1e15, 'limit of this node'],
      [{ kind: 'disk', path: '/' }, GB, 'disk of the host'],
    ] as const) {
      const said = await pressure.press(order(what, amount)).then(
        () => 'it was done',
        (error: unknown) => String(error),
      );
      await pressure.relieve('compute-1', 'test/too-much');
      expect(said).to.contain(says);
    }
  });

  it('takes room on a disk without writing it: the disk of this host stays as it is', async () => {
    const what = { kind: 'disk', path: '/var' } as const;
    const was = await pressure.feel('compute-2', what);
    const before = await freeOnHost();
    const order = { id: 'test/room', run: 'test', node: 'compute-2', what, endsAfter: { ms: 60_000 } };
    await pressure.press({ ...order, amount: was?.total ?? 0 });
    const during = await freeOnHost();
    await pressure.relieve('compute-2', 'test/room');
    say(`        ${was?.left ?? 0} bytes taken on the node, ${before - during} on this host`);
    expect(before - during).to.be.lessThan(0.5 * GB);
  });
});

describe('faults that take something away, with Squall killed in the middle', () => {
  before(ensureUp);

  for (const [title, hurt, trace] of PRESSING.filter(isRun)) {
    it(`${title}: hurts, and is gone 5 s after its declared end`, async () => {
      await untilWhole(RECOVERS_WITHIN_MS);
      const whole = await nodeTraces();
      const { entry } = await hurtAndKill(hurt, 'holding');
      const hurting = differences(whole, await nodeTraces());
      const untilNs = entry.expires.ns + ALIVE_AT_MOST_MS * 1e6;
      const { left, lookedNs } = await untilAsBefore(whole, untilNs);
      const lateMs = Math.round((lookedNs - entry.expires.ns) / 1e6);
      expect(left, `after its declared end + ${lateMs} ms`).to.deep.equal([]);
      say(`        as before ${lateMs} ms after the declared end`);
      const startNs = clock.now().ns;
      const { code, says } = await squall(['heal', '--yes', '--lab', 'reference']);
      expect(code, `heal after ${(clock.now().ns - startNs) / 1e9} s: ${says}`).to.equal(0);
      expect(hurting.join('\n'), 'what is seen while it holds').to.match(new RegExp(trace.source, 'm'));
    });
  }

  it('leave a cluster that becomes whole by itself', () => untilWhole(RECOVERS_WITHIN_MS));
});

/** In bytes, on the file system that the disk of the lab is a file of. */
async function freeOnHost(): Promise<number> {
  const folder = `${process.env['XDG_CACHE_HOME'] ?? `${process.env['HOME'] ?? ''}/.cache`}`;
  const { stdout } = await promisify(execFile)('df', ['--output=avail', '--block-size=1', folder]);
  return Number(stdout.trim().split('\n').at(-1));
}
