import { parseArgs } from 'node:util';
import { gather } from './gather.ts';

/** The slowdown that is planted: all times of the model are that many times as long. */
const PLANTED = 1.5;

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'bench/.state/compare' },
    /** Identical runs, and runs on the slower cloud. */
    same: { type: 'string', default: '200' },
    slower: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '540' },
    /** Each run is put behind this command, such as `nice -n 10`. */
    behind: { type: 'string', default: '' },
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
  goesOn: () => !stopped && secondsGone() < Number(values.seconds),
});
