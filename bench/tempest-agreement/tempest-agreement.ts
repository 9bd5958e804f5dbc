import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { AgreementRow } from '../../src/model/analysis.ts';
import { openGround, type Ground } from '../tempest-speed/ground.ts';
import { agreementOn } from '../tempest-speed/measure.ts';
import { DEFECTS, type Defect } from './defects.ts';

/**
 * `npx tsx bench/tempest-agreement/tempest-agreement.ts [--user NAME | --os-cloud NAME] [--only pattern]`: the real Tempest and our cases on
 * the same checks of the same cloud, first as it is, then with one defect at a time in what it says. Each defect must make the same
 * check fail on both sides; on a rehearsal of our own, which is meant without --os-cloud, all others must pass as before.
 *
 * On a rehearsal the checks are those that it can carry, and --user chooses in what mode Tempest runs: `rehearsal` is an administrator,
 * for whom it makes projects and users, and `rehearsal-demo` is not. Of another cloud, that of OS_CLIENT_CONFIG_FILE with that name,
 * the checks are --suites. The state file holds what came out; a next call goes on there. Prints a table and a last line of JSON;
 * exits with 1 when anything is not as it should be. Needs Python and, the first time, PyPI.
 */
const { values } = parseArgs({
  options: {
    'os-cloud': { type: 'string' },
    /** Without --os-cloud: `rehearsal`, or `model`, its OpenStack alone in the process of this bench, for a machine that is busy. */
    own: { type: 'string', default: 'rehearsal' },
    user: { type: 'string', default: 'rehearsal' },
    suites: { type: 'string', default: 'identity/* image/* network/* block-storage/refusals' },
    only: { type: 'string', default: '' },
    lanes: { type: 'string', default: '2' },
    tries: { type: 'string', default: '3' },
    /** After so many seconds no defect is begun any more. */
    seconds: { type: 'string', default: '540' },
    fresh: { type: 'boolean', default: false },
    state: { type: 'string', default: 'bench/.state/tempest-agreement' },
  },
});

/** The cases that pass on a rehearsal and are labelled with tests of Tempest that pass there too. */
const CARRIED = [
  'block-storage/refusals/snapshot-of-missing',
  'block-storage/refusals/snapshot-of-nothing',
  'identity/catalogue/core-services',
  'identity/tokens/validate',
  'image/images/deleted',
  'image/image-refusals/bad-container',
  'image/image-refusals/bad-disk',
  'image/image-refusals/delete-missing',
  'image/image-refusals/delete-nothing',
  'image/image-refusals/show-missing',
  'image/image-refusals/tag-missing',
  'network/network-lists/network',
  'network/network-lists/networks',
  'network/network-lists/versions',
  'network/port-attributes/life-cycle',
  'network/port-attributes/listed',
  'network/port-attributes/shown',
  'network/subnets/create',
];

/** Whatever hangs must not hang for the twenty minutes that Tempest gives a test. */
const CASE_TIMEOUT = '40s';

/** Where a check failed in both, fewer than so many of the others may have failed with it: the cloud is not simply away. */
const MOST_BESIDES = 1 / 4;

const isOwn = values['os-cloud'] === undefined;
const stateFile = `${values.state}/${values['os-cloud'] ?? `${values.own}-${values.user}`}.json`;

interface Settled {
  /** What is not as it should be. */
  readonly wrong: readonly string[];
  /** Checks that were compared, and those that failed on both sides. */
  readonly compared: number;
  readonly failed: readonly string[];
  readonly runs: number;
}

/** By the name of the defect. */
const state: Record<string, Settled> = readState();

function readState(): Record<string, Settled> {
  try {
    return values.fresh ? {} : (JSON.parse(readFileSync(stateFile, 'utf8')) as Record<string, Settled>);
  } catch {
    return {};
  }
}

const begun = process.hrtime.bigint();
const isTimeLeft = (): boolean => Number(process.hrtime.bigint() - begun) / 1e9 < Number(values.seconds);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const suitesOf = (ids: readonly string[]): readonly string[] => [
  ...new Set(ids.map((id) => id.split('/').slice(0, 2).join('/'))),
];
const WORDS = [
  ...(isOwn ? [...suitesOf(CARRIED), '--grep', `^(${CARRIED.join('|')})$`] : values.suites.split(' ')),
  ...['--case-timeout', CASE_TIMEOUT],
];

const shortName = (test: string): string => test.replace(/\[.*$/, '').replace(/^.*\./, '');

function settled({ fails }: Defect, rows: readonly AgreementRow[], runs: number): Settled {
  const compared = rows.filter(({ says }) => says !== 'not compared');
  const both = compared.filter(({ own, theirs }) => own === 'failed' && theirs === 'failed');
  const differing = compared.filter(({ says }) => says === 'differ');
  const found = both.some(({ test }) => fails !== undefined && test.includes(fails));
  const besides = both.filter(({ test }) => fails === undefined || !test.includes(fails));
  const isMuch = isOwn ? besides.length > 0 : besides.length > MOST_BESIDES * compared.length;
  const wrong = [
    ...differing.map(({ test, own, theirs }) => `${shortName(test)}: Squall ${own}, Tempest ${theirs}`),
    ...(fails === undefined || found ? [] : [`${fails} did not fail on both sides`]),
    ...(isMuch ? besides.map(({ test }) => `${shortName(test)} failed on both sides`) : []),
    ...(isOwn && compared.length !== CARRIED.length
      ? [`${compared.length} tests were compared, not ${CARRIED.length}`]
      : []),
  ];
  return { wrong, compared: compared.length, failed: both.map(({ test }) => shortName(test)), runs };
}

/** A rehearsal on a machine that is busy drops connections; then checks fail that are others than the one that is expected. */
async function tried(ground: Ground, defect: Defect): Promise<Settled> {
  ground.proxy.between = defect.between ?? ((call, pass) => pass(call));
  let last: Settled = { wrong: ['it was not tried'], compared: 0, failed: [], runs: 0 };
  for (let runs = 1; runs <= Number(values.tries) && last.wrong.length > 0; runs++) {
    try {
      const rows = await agreementOn(ground, WORDS, { lanes: Number(values.lanes), clouds: ground.through });
      last = settled(defect, rows, runs);
    } catch (error) {
      last = { wrong: [String(error)], compared: 0, failed: [], runs };
    }
    say(`${defect.name}: ${last.wrong.length === 0 ? 'as it should be' : last.wrong.join('; ')}`);
  }
  return last;
}

const chosen = DEFECTS.filter(
  ({ name, leavesBehind }) => new RegExp(values.only).test(name) && (isOwn || leavesBehind !== true),
);
const isGood = ({ name }: Defect): boolean => state[name]?.wrong.length === 0;

const ground = await openGround({
  cloud: values['os-cloud'],
  own: values.own === 'model' ? 'model' : 'rehearsal',
  user: values.user,
});
try {
  for (const defect of chosen) {
    if (isGood(defect) || !isTimeLeft()) continue;
    state[defect.name] = await tried(ground, defect);
    mkdirSync(dirname(stateFile), { recursive: true });
    writeFileSync(stateFile, JSON.stringify(state, null, 1));
  }
} finally {
  await ground.close();
}

say('| defect | fails in both | compared | as it should be |');
say('| --- | --- | --- | --- |');
for (const defect of chosen) {
  const { failed = [], compared = 0 } = state[defect.name] ?? {};
  const says = state[defect.name] === undefined ? 'not tried yet' : isGood(defect) ? 'yes' : 'no';
  say(
    `| ${defect.name} | ${failed.map((test) => `\`${test}\``).join(', ') || 'nothing'} | ${compared} | ${says} |`,
  );
}
const good = chosen.filter(isGood).length;
const runs = chosen.reduce((sum, { name }) => sum + (state[name]?.runs ?? 0), 0);
const ok = good === chosen.length && good > 0;
say(
  JSON.stringify({
    bench: 'tempest-agreement',
    ok,
    good,
    of: chosen.length,
    defects: chosen.length - 1,
    runs,
  }),
);
process.exitCode = ok ? 0 : 1;
