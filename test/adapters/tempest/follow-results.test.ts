import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { describeTest } from '../../../src/adapters/tempest/describe-test.ts';
import { follow } from '../../../src/adapters/tempest/index.ts';
import { createMask } from '../../../src/adapters/tempest/read-attachments.ts';
import type { ProgramEnd } from '../../../src/adapters/tempest/run-program.ts';
import { packageFolder } from '../../../src/entries/places.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { EngineEvent, EngineTest } from '../../../src/ports/suite-engine.ts';
import { packetOf, type WrittenPacket } from './subunit-writer.ts';

const recorded = (name: string): Buffer =>
  readFileSync(join(packageFolder(), 'test/adapters/tempest/recorded', name));

const testOf = (line: string): EngineTest => {
  const test = describeTest(line);
  if (test === undefined) throw new Error(`${line} is no test`);
  return test;
};

const PLANNED = recorded('mixed.list').toString('utf8').trim().split('\n').map(testOf);

const WELL: ProgramEnd = { code: 0, signal: null, says: '' };

interface Followed {
  readonly events: readonly EngineEvent[];
  readonly trouble?: string;
  /** Whether the program was told to end. */
  readonly wasEnded: boolean;
}

async function followed(
  bytes: Uint8Array,
  end: ProgramEnd = WELL,
  { tests = PLANNED, mask = (text: string): string => text } = {},
): Promise<Followed> {
  const events: EngineEvent[] = [];
  let wasEnded = false;
  const { trouble } = await follow(
    async (onBytes, signal) => {
      for (let at = 0; at < bytes.length; at += 1000) onBytes(bytes.subarray(at, at + 1000));
      wasEnded = signal.aborted;
      return end;
    },
    { tests, mask, heard: (event) => void events.push(event) },
    new AbortController().signal,
  );
  return { events, wasEnded, ...(trouble === undefined ? {} : { trouble }) };
}

type Ended = Extract<EngineEvent, { kind: 'ended' }>;
const endsOf = ({ events }: Followed): readonly Ended[] => events.filter((event) => event.kind === 'ended');
const endOf = (of: Followed, part: string): Ended | undefined =>
  endsOf(of).find(({ test }) => test.includes(part));

const A = 'tempest.api.x.test_y.ClassZ.test_a[id-11111111-1111-4111-8111-111111111111,smoke]';
const B = 'tempest.api.x.test_y.ClassZ.test_b[id-22222222-2222-4222-8222-222222222222,negative]';
const OTHER = 'tempest.api.x.test_y.ClassZulu.test_c[id-33333333-3333-4333-8333-333333333333]';
const TWO = [testOf(A), testOf(B), testOf(OTHER)];
const streamOf = (...packets: readonly WrittenPacket[]): Buffer => Buffer.concat(packets.map(packetOf));

describe('following the results of Tempest', () => {
  it('gives every planned test of a recorded run one end, with the tests of a class that never began', async () => {
    const all = await followed(recorded('mixed.subunit'));
    expect(all.trouble).to.equal(undefined);
    expect(
      endsOf(all)
        .map(({ test }) => test)
        .sort(),
    ).to.deep.equal(PLANNED.map(({ id }) => id).sort());
    const count = (outcome: string): number => endsOf(all).filter((end) => end.outcome === outcome).length;
    // Of 5 + 3 tests 5 passed and 3 failed; one class of tests was skipped, and another could not be set up.
    expect([count('passed'), count('failed'), count('skipped'), count('unknown')]).to.deep.equal([
      5, 5, 3, 0,
    ]);
  });

  it('tells why: the exception, the reason of a skip, and the set-up of a class', async () => {
    const all = await followed(recorded('mixed.subunit'));
    expect(endOf(all, 'test_api_media_types')?.reason).to.equal("KeyError: 'media-types'");
    expect(endOf(all, 'RoutersNegativeTest')?.reason).to.match(
      /^Its class could not be set up: tempest\.lib\.exceptions\.NotFound: .*routers/,
    );
    expect(endOf(all, 'admin.v3.test_tokens')?.reason).to.match(/^Its class is skipped: .*Admin/);
    expect(endOf(all, 'test_create_token')?.reason).to.equal(undefined);
  });

  it('keeps the traceback and the calls of what failed, and the times of all', async () => {
    const all = await followed(recorded('mixed.subunit'));
    const failed = endOf(all, 'test_list_api_versions');
    expect(failed?.details).to.match(
      /^Traceback[\s\S]*MismatchError[\s\S]*Its calls:\n\d{3} GET http:\S+ [\d.]+s/,
    );
    const passed = endOf(all, 'test_create_token');
    expect(passed?.details).to.equal(undefined);
    expect(passed?.worker).to.equal(1);
    expect((passed?.endedMs ?? 0) - (passed?.startedMs ?? 0)).to.be.within(1, 60_000);
  });

  it('says nothing of what a killed worker had not ended, and that it was not all', async () => {
    const killed = await followed(recorded('killed.subunit'));
    const began = killed.events.filter((event) => event.kind === 'started').length;
    const ended = endsOf(killed).map(({ test }) => test);
    expect(began).to.be.greaterThan(0);
    expect(ended.length).to.be.lessThan(PLANNED.length);
    expect(killed.trouble).to.match(/one of its workers had not/);
  });

  it('gives the tests of a class its end, and not those of another whose name begins alike', async () => {
    const stream = streamOf(
      { test: 'setUpClass (tempest.api.x.test_y.ClassZ)', file: { name: 'reason', text: 'no cloud' } },
      { test: 'setUpClass (tempest.api.x.test_y.ClassZ)', status: 'skip' },
      { test: OTHER, status: 'inprogress' },
      { test: OTHER, status: 'success' },
    );
    const all = await followed(stream, WELL, { tests: TWO });
    expect(endsOf(all).map(({ test, outcome }) => `${outcome} ${test}`)).to.deep.equal([
      `skipped ${A}`,
      `skipped ${B}`,
      `passed ${OTHER}`,
    ]);
  });

  it('reports a class that could not be taken down, or a program that has trouble, as something besides', async () => {
    const stream = streamOf(
      ...[A, B, OTHER].map((test) => ({ test, status: 'success' }) as const),
      {
        test: 'tearDownClass (tempest.api.x.test_y.ClassZ)',
        file: { name: 'traceback', text: 'Traceback (most recent call last):\n  File "x"\nValueError: left' },
      },
      { test: 'tearDownClass (tempest.api.x.test_y.ClassZ)', status: 'fail' },
      { test: 'process-returncode', status: 'fail' },
    );
    const { events } = await followed(stream, { ...WELL, code: 1 }, { tests: TWO });
    const besides = events.filter((event) => event.kind === 'besides');
    expect(besides.map(({ case: id, outcome, reason }) => [id, outcome, reason])).to.deep.equal([
      ['tempest/api.x.test_y.ClassZ/tear-down', 'failed', 'ValueError: left'],
      ['tempest/program/process-returncode', 'unknown', 'Tempest gave no traceback.'],
    ]);
  });

  it('takes what must fail and fails as a pass, and what must fail and passes as a failure; the first word counts', async () => {
    const stream = streamOf(
      { test: A, status: 'xfail' },
      { test: A, status: 'fail' },
      { test: B, status: 'uxsuccess' },
      { test: B, status: 'success' },
      { test: OTHER, status: 'success' },
    );
    const all = await followed(stream, { ...WELL, code: 1 }, { tests: TWO });
    expect(endsOf(all).map(({ outcome }) => outcome)).to.deep.equal(['passed', 'failed', 'passed']);
    expect(endsOf(all)[1]?.reason).to.match(/must fail/);
  });

  it('ends a program whose stream cannot be read', async () => {
    const stream = streamOf({ test: A, status: 'success' }, { test: B, status: 'success' });
    stream[stream.length - 1] = (stream.at(-1) ?? 0) ^ 1;
    const all = await followed(stream, { ...WELL, code: null, signal: 'SIGTERM' }, { tests: TWO });
    expect(all.wasEnded).to.equal(true);
    expect(all.trouble).to.match(/checksum/);
    expect(endsOf(all).map(({ test }) => test)).to.deep.equal([A]);
  });

  it('knows trouble of a program by how it ended', async () => {
    const whole = streamOf(...[A, B, OTHER].map((test) => ({ test, status: 'success' }) as const));
    const trouble = async (end: ProgramEnd, bytes = whole): Promise<string | undefined> =>
      (await followed(bytes, end, { tests: TWO })).trouble;
    expect(await trouble(WELL)).to.equal(undefined);
    expect(await trouble({ ...WELL, code: 1, says: 'usage\nno such option\n' })).to.equal(
      'Tempest ended with exit code 1: no such option',
    );
    expect(await trouble({ code: null, signal: 'SIGKILL', says: '' })).to.equal(
      'Tempest was ended by SIGKILL.',
    );
    expect(await trouble(WELL, Buffer.alloc(0))).to.match(/nothing more was said/);
    expect(await trouble(WELL, whole.subarray(0, -2))).to.match(/middle of a packet/);
  });

  it('masks the password, tokens and fields that hold some, wherever they are', async () => {
    const secret = 'correct horse';
    const token = 'gAAAAABnQ0xP1234567890abcdefghijklmnop';
    const text = `Traceback (most recent call last):\n  File "x"\nValueError: ${secret} ${token} {'adminPass': 'tRuE', "password": "other"}`;
    const stream = streamOf(
      { test: A, file: { name: 'traceback', text } },
      {
        test: A,
        file: {
          name: "pythonlogging:''",
          text: `x Request (Z:test_a): 200 GET http://cloud/v3?token=${token} 0.1s\nbody: ${secret}`,
        },
      },
      { test: A, status: 'fail' },
    );
    const mask = createMask([new Secret(secret)]);
    const { events } = await followed(stream, { ...WELL, code: 70, says: secret }, { tests: TWO, mask });
    const said = JSON.stringify(events);
    for (const one of [secret, token, 'tRuE', 'other']) expect(said).not.to.include(one);
    expect(said).to.include('200 GET http://cloud/v3?... 0.1s');
  });
});

describe('a test of Tempest', () => {
  it('is described from its line in the list', () => {
    const test = testOf(
      'tempest.api.identity.admin.v3.test_tokens.TokensV3TestJSON.test_tokens[id-0f9f5a5f,smoke,negative]',
    );
    expect(test.name).to.equal(
      'tempest.api.identity.admin.v3.test_tokens.TokensV3TestJSON.test_tokens[id-0f9f5a5f]',
    );
    expect(test.case).to.equal('tempest/api.identity.admin.v3.test_tokens.TokensV3TestJSON/test_tokens');
    expect(test.title).to.equal('tokens');
    expect(test.tags).to.deep.equal(['smoke', 'negative', 'admin']);
  });

  it('is nothing else', () => {
    for (const line of ['', 'No repository found', 'Traceback (most recent call last):', 'setUpClass (x.Y)'])
      expect(describeTest(line), line).to.equal(undefined);
  });
});
