import { parseArgs } from 'node:util';
import { gather } from './gather.ts';
import { judgePairs } from './judge-pairs.ts';
import { readPool } from './read-pool.ts';

/** The slowdown that is planted: all times of the model are that many times as long. */
const PLANTED = 1.5;

const PAIRS = 200;

/** Fewer recoveries than this are the same few in every pair. */
const LEAST_POOL = { same: 120, slower: 60 };

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'bench/.state/compare' },
    /** Recoveries of identical runs, and of runs on the slower cloud. */
    same: { type: 'string', default: '240' },
    slower: { type: 'string', default: '160' },
    seconds: { type: 'string', default: '540' },
    /** Each run is put behind this command, such as `nice -n 10`. */
    behind: { type: 'string', default: '' },
    /** Runs are begun only while the load of the host is below it. The two rehearsals are a load of about one. */
    quiet: { type: 'string', default: 'Infinity' },
  },
});

const begun = process.hrtime.bigint();
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (stopped = true));
const secondsGone = (): number => Number(process.hrtime.bigint() - begun) / 1e9;

await gather({
  folder: values.folder,
  wanted: { same: Number(values.same), slower: Number(values.slower) },
  slowdowns: { slower: PLANTED },
  behind: values.behind.split(' ').filter((word) => word !== ''),
  quietBelow: Number(values.quiet),
  goesOn: () => !stopped && secondsGone() < Number(values.seconds),
});

const [same, slower] = [readPool(values.folder, 'same'), readPool(values.folder, 'slower')];
const identical = judgePairs(PAIRS, same, same);
const planted = judgePairs(PAIRS, same, slower);
const falseAlarms = identical.truths.fail / PAIRS;
const found = planted.truths.fail / PAIRS;
process.stdout.write(
  `${same.length} identical recoveries, ${slower.length} slower ones; ${PAIRS} pairs of each, dealt out of them\n` +
    `identical: ${JSON.stringify(identical)}\nslower:    ${JSON.stringify(planted)}\n`,
);
const enough = same.length >= LEAST_POOL.same && slower.length >= LEAST_POOL.slower;
if (!enough) process.stdout.write('too few recoveries for a result; run it again, and it goes on\n');
const ok = enough && falseAlarms <= 0.01 && found >= 0.95;
process.stdout.write(
  `${JSON.stringify({ bench: 'compare', target: 0.95, ok, same: same.length, slower: slower.length, falseAlarms, found, runsAskedFor: planted.runs })}\n`,
);
process.exitCode = ok ? 0 : 1;
