import { mkdtempSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { seededRandom } from '../../../src/model/seeded-random.ts';
import { diskInFile, MemberStore } from '../../../src/rehearsal/consensus/index.ts';
import type { MemberDisk } from '../../../src/rehearsal/consensus/index.ts';
import type { Place } from '../../../src/rehearsal/consensus/member-disk.ts';
import { StoreConflict, StoreUnavailable } from '../../../src/rehearsal/replica.ts';
import type { Document, DocumentChange } from '../../../src/rehearsal/replica.ts';
import type { RevisionTooOld } from '../../../src/rehearsal/watched-store.ts';
import { LossyGroup, SimulatedTime, diskInMemory } from './lossy-group.ts';

interface Watched {
  readonly group: LossyGroup;
  readonly member: (name: string) => MemberStore;
}

async function settledGroup(seed: string, size = 3): Promise<Watched> {
  const random = seededRandom(seed);
  const group = new LossyGroup(size, () => random.next());
  await group.time.pass(3000);
  return {
    group,
    member(name) {
      const member = group.members.get(name);
      if (member === undefined) throw new Error(`${name} is not running.`);
      return member;
    },
  };
}

/** What became of it when that much time has passed. */
async function after<T>(group: LossyGroup, ms: number, promise: Promise<T>): Promise<T | Error> {
  let result: T | Error = new Error('It did not end.');
  promise.then(
    (value) => (result = value),
    (error: unknown) => (result = error as Error),
  );
  // What is asked of this member is done before anything else happens.
  await new Promise((resolve) => setImmediate(resolve));
  await group.time.pass(ms);
  return result;
}

/** Does one thing to the group, by a number that chance gave. */
function disturb(group: LossyGroup, draw: number): void {
  const name = group.names[draw % group.names.length] ?? '';
  const kind = Math.floor(draw / group.names.length) % 6;
  if (kind === 0 && group.members.size > 2) group.kill(name);
  else if (kind === 1) group.cut = new Set([name]);
  else if (kind === 2) group.cut = new Set();
  else if (kind === 3) group.loss = 0.3;
  else if (kind === 4) group.loss = 0;
  else for (const each of group.names) group.start(each);
}

/** The changes that it still has, by revision: one that was behind has only those since. */
async function historyOf(member: MemberStore): Promise<ReadonlyMap<number, DocumentChange>> {
  const controller = new AbortController();
  const changes = new Map<number, DocumentChange>();
  const read = async (after: number): Promise<void> => {
    for await (const change of member.follow('', after, controller.signal))
      changes.set(change.revision, change);
  };
  read(0).catch((error: unknown) => read((error as RevisionTooOld).oldest));
  await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  return changes;
}

describe('a group of members', () => {
  it('never loses an acknowledged write and has one history, whatever is killed, cut and lost', async () => {
    let [total, asked, compared] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 4 }),
        fc.array(fc.nat(1000), { minLength: 3, maxLength: 14 }),
        async (seed, draws) => {
          const { group, member } = await settledGroup(seed);
          const acknowledged: number[] = [];
          let next = 0;
          const write = (): void => {
            const number = next++;
            const store = [...group.members.values()][number % group.members.size];
            store?.put(`key/${number}`, { number }, 'absent').then(
              () => acknowledged.push(number),
              () => undefined,
            );
          };
          for (const draw of draws) {
            disturb(group, draw);
            for (let i = 0; i < 4; i++) {
              write();
              await group.time.pass(150);
            }
          }
          group.cut = new Set();
          group.loss = 0;
          for (const name of group.names) group.start(name);
          await group.time.pass(6000);
          const listed = await after(group, 1000, member('member-2').list('key/'));
          if (listed instanceof Error) throw listed;
          const present = listed.documents.map(({ value }) => value['number']);
          expect(present).to.include.members(acknowledged);
          const histories = await Promise.all(group.names.map((name) => historyOf(member(name))));
          for (const history of histories)
            for (const [revision, change] of history)
              for (const other of histories)
                if (other.has(revision)) expect(other.get(revision)).to.deep.equal(change);
          const contents = await Promise.all(
            group.names.map((name) => after(group, 1000, member(name).list(''))),
          );
          for (const content of contents) expect(content).to.deep.equal(contents[0]);
          compared += histories.reduce((most, { size }) => Math.max(most, size), 0);
          for (const [term, names] of group.leaders) expect([...names], `term ${term}`).to.have.length(1);
          for (const name of group.names) group.kill(name);
          total += acknowledged.length;
          asked += next;
        },
      ),
      { numRuns: 60 },
    );
    // A group that acknowledges nothing loses nothing; this one must work most of the time.
    expect(total / asked).to.be.greaterThan(0.5);
    expect(compared / total).to.be.greaterThan(0.5);
  }).timeout(20_000);

  it('reads what was acknowledged before, through every member, also while a leader is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 4 }),
        fc.array(fc.nat(2), { minLength: 3, maxLength: 8 }),
        async (seed, draws) => {
          const { group, member } = await settledGroup(seed);
          for (const [at, draw] of draws.entries()) {
            const leader = [...group.members.values()].map((one) => one.leader).find(Boolean) ?? 'member-1';
            group.cut = new Set(at % 2 === 0 ? [leader] : []);
            const rest = group.names.filter((name) => !group.cut.has(name));
            const writer = rest[draw % rest.length] ?? '';
            const written = await after(group, 2100, member(writer).put('it', { at }, 'any'));
            for (const name of group.names) {
              const found = await after(group, 2100, member(name).get('it'));
              if (group.cut.has(name)) expect(found, `${name} is cut off`).to.be.instanceOf(StoreUnavailable);
              else if (!(written instanceof Error)) expect(found).to.have.nested.property('value.at', at);
            }
          }
          for (const name of group.names) group.kill(name);
        },
      ),
      { numRuns: 8 },
    );
  }).timeout(20_000);

  it('refuses in a minority, says whether a write may have happened, and accepts again afterwards', async () => {
    const { group, member } = await settledGroup('minority');
    const leader = member('member-1').leader ?? '';
    const other = group.names.find((name) => name !== leader) ?? '';
    for (const name of group.names) if (name !== other) group.kill(name);
    await group.time.pass(3000);
    const refused = await after(group, 2100, member(other).put('a', {}, 'any'));
    expect(refused).to.be.instanceOf(StoreUnavailable).with.property('definite', true);
    for (const name of group.names) group.start(name);
    await group.time.pass(3000);
    expect(await after(group, 500, member(other).put('a', {}, 'any'))).to.have.property('key', 'a');
    const lead = member(other).leader ?? '';
    group.cut = new Set([lead]);
    const doubtful = await after(group, 2100, member(lead).put('b', {}, 'any'));
    expect(doubtful).to.be.instanceOf(StoreUnavailable).with.property('definite', false);
  });

  it('gives no old value from a leader that was frozen, and was leader no more when it was thawed', async () => {
    const { group, member } = await settledGroup('frozen');
    await after(group, 500, member('member-1').put('it', { n: 1 }, 'any'));
    const frozen = member('member-1').leader ?? '';
    const other = group.names.find((name) => name !== frozen) ?? '';
    group.freeze(frozen);
    await group.time.pass(3000);
    expect(await after(group, 500, member(other).put('it', { n: 2 }, 'any'))).to.have.nested.property(
      'value.n',
      2,
    );
    group.thaw(frozen);
    // Asked before anything else happens there: it still takes itself for the leader.
    expect(member(frozen).leader).to.equal(frozen);
    expect(await after(group, 2100, member(frozen).get('it'))).to.have.nested.property('value.n', 2);
  });

  it('compares before it writes and before it deletes', async () => {
    const { group, member } = await settledGroup('compare');
    const store = member('member-3');
    const first = await after(group, 300, store.put('a', { n: 1 }, 'absent'));
    const { revision } = first as { revision: number };
    expect(await after(group, 300, member('member-1').put('a', {}, 'absent'))).to.be.instanceOf(
      StoreConflict,
    );
    const second = await after(group, 300, store.put('a', { n: 2 }, revision));
    expect(second).to.include({ revision: revision + 1, created: revision });
    expect(await after(group, 300, store.delete('a', revision))).to.be.instanceOf(StoreConflict);
    expect(await after(group, 300, store.delete('a', revision + 1))).to.equal(true);
    expect(await after(group, 300, store.delete('a'))).to.equal(false);
  });

  it('brings up one that was away, whose followers are told to list anew', async () => {
    const { group, member } = await settledGroup('away');
    group.kill('member-3');
    await group.time.pass(3000);
    const other = member('member-1');
    for (let i = 0; i < 40; i++) void other.put(`many/${i % 10}`, { i }, 'any').catch(() => undefined);
    await group.time.pass(4000);
    group.start('member-3');
    await group.time.pass(2000);
    const listed = await after(group, 1000, member('member-3').list('many/'));
    expect(listed).to.have.property('documents').with.length(10);
    let told: unknown;
    const watch = member('member-3').follow('many/', 1, AbortSignal.timeout(1000));
    await (async () => {
      for await (const change of watch) void change;
    })().catch((error: unknown) => (told = error));
    expect(told).to.have.property('name', 'RevisionTooOld');
  });

  it('keeps what it wrote in its file, also behind a line that a kill cut off', () => {
    const folder = mkdtempSync(join(tmpdir(), 'squall-member-'));
    try {
      const file = join(folder, 'member.ndjson');
      const disk = diskInFile(file);
      expect(disk.read()).to.deep.equal([]);
      disk.add({ term: 2, vote: 'b' });
      appendFileSync(file, '{"term":3,"vo');
      diskInFile(file).add({ term: 4 });
      expect(diskInFile(file).read()).to.deep.equal([{ term: 2, vote: 'b' }, { term: 4 }]);
      const whole = [{ place: { term: 4, revision: 7 }, documents: [] }, { term: 5 }];
      disk.replace(whole);
      writeFileSync(`${file}.draft`, '{"half');
      disk.add({ term: 6 });
      expect(disk.read()).to.deep.equal([...whole, { term: 6 }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** A member whose peers are `b` and `c`, for whom the test speaks. */
function memberAmongSilent(disk: MemberDisk) {
  const time = new SimulatedTime();
  const member = new MemberStore({
    self: 'a',
    peers: ['b', 'c'],
    disk,
    timers: { heartbeatMs: 100, electionMs: 600, requestMs: 2000 },
    time: { nowMs: () => time.nowMs(), after: (ms, run) => time.after(ms, run), random: () => 0.99 },
    ask: () => new Promise(() => undefined),
  });
  const change = (revision: number): DocumentChange => {
    const document = { key: 'it', value: { revision }, revision, created: revision };
    return { kind: 'put', revision, document };
  };
  return {
    member,
    time,
    hears: async (term: number, base: Place, next?: number, documents?: readonly Document[]) =>
      member.answer('b', {
        kind: 'news',
        news: { term, base, change: next === undefined ? undefined : change(next), documents },
      }),
    votes: async (from: string, term: number, last: Place) => {
      const answer = await member.answer(from, { kind: 'vote', candidacy: { term, trial: false, last } });
      return answer.kind === 'told' && answer.granted;
    },
  };
}

describe('a member', () => {
  const NOTHING: Place = { term: 0, revision: 0 };

  it('votes once a term, for one that knows all it knows, and for none while it hears a leader', async () => {
    const disk = diskInMemory();
    const { member, time, hears, votes } = memberAmongSilent(disk);
    await hears(2, NOTHING, 1);
    const known = { term: 2, revision: 1 };
    expect(await votes('c', 3, known), 'while it hears a leader').to.equal(false);
    await time.pass(700);
    expect(await votes('c', 3, { term: 2, revision: 0 }), 'one with fewer changes').to.equal(false);
    expect(await votes('c', 3, { term: 1, revision: 7 }), 'one of an earlier term').to.equal(false);
    expect(await votes('c', 3, known)).to.equal(true);
    expect(await votes('b', 3, known), 'a second one').to.equal(false);
    member.stop();
    const again = memberAmongSilent(disk);
    await again.time.pass(700);
    expect(await again.votes('b', 3, known), 'a second one after a restart').to.equal(false);
    expect(await again.votes('b', 4, known)).to.equal(true);
    again.member.stop();
  });

  it('applies only what the leader says is committed, and asks for all when it has something else there', async () => {
    const { member, hears } = memberAmongSilent(diskInMemory());
    expect(await hears(2, NOTHING, 1)).to.include({ granted: true });
    expect(member.revision()).to.equal(0);
    expect(await hears(3, { term: 3, revision: 1 })).to.include({ granted: false });
    expect(member.revision()).to.equal(0);
    expect(await hears(2, { term: 2, revision: 1 }), 'of an earlier term').to.include({ granted: false });
    expect(await hears(3, { term: 3, revision: 1 }, 2, [])).to.include({ granted: true });
    expect(await hears(3, { term: 3, revision: 2 })).to.include({ granted: true });
    expect(member.revision()).to.equal(2);
    member.stop();
  });
});
