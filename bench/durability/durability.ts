import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKubernetesApi } from '../../src/adapters/kubernetes/index.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import type { Analysis } from '../../src/model/analysis.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { closeGround, openGround, type KillGround } from '../kill/kill-once.ts';

/**
 * `chaos-plans/durable-writes.yaml` on the rehearsal, twice: as it is, and with one acknowledged write taken out of the store while
 * the run goes on. The first must find all of them, the second must name the very one. `npx tsx bench/durability/durability.ts`.
 */
const PLAN = 'chaos-plans/durable-writes.yaml';

/** Written this long before the loss, a write has long been answered; its timeout is two seconds. */
const ACKNOWLEDGED_AFTER_MS = 4000;
const LOOK_EVERY_MS = 200;

const SQUALL = ['--import', 'tsx', 'src/entries/squall.ts'];

interface Found {
  readonly exitCode: number | null;
  readonly objective: string;
  readonly says: string;
  readonly acknowledged: number;
  readonly lost: readonly number[];
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const api = async (ground: KillGround) =>
  createKubernetesApi({
    connection: await ground.lab.connection(),
    environment: process.env,
    clock: createSystemClock(),
  });

/** Takes one write out, as a store that had forgotten it. @returns the number of its sample. */
async function forgetOne(ground: KillGround, over: AbortSignal): Promise<number> {
  const kubernetes = await api(ground);
  const path = '/api/v1/namespaces/default/configmaps';
  try {
    for (;;) {
      over.throwIfAborted();
      const seen = await kubernetes.list(path).catch(() => []);
      const written = seen.find(
        ({ metadata }) => metadata.name.startsWith('sq-') && metadata.name.endsWith('writer-3'),
      );
      const [key] = Object.keys(written?.['data'] ?? {});
      if (written !== undefined && key !== undefined) {
        await sleep(ACKNOWLEDGED_AFTER_MS);
        await kubernetes.patch(`${path}/${written.metadata.name}`, { data: { [key]: null } });
        return Number(key.replace('sample-', ''));
      }
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    await kubernetes.close();
  }
}

function run(ground: KillGround, name: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const output = join(ground.path, name);
    const child = spawn(process.execPath, [...SQUALL, 'run', PLAN, '--output-dir', output], {
      env: ground.environment,
      stdio: 'ignore',
    });
    child.once('error', reject);
    child.once('close', resolve);
  });
}

async function look(ground: KillGround, name: string, exitCode: number | null): Promise<Found> {
  const [id = ''] = await readdir(join(ground.path, name));
  const json = async <T>(file: string): Promise<T> =>
    JSON.parse(await readFile(join(ground.path, name, id, file), 'utf8')) as T;
  const { durability = [] } = await json<Analysis>('analysis.json');
  const { objectives } = await json<Verdict>('verdict.json');
  const judged = objectives.find((one) => one.objective === 'durability');
  return {
    exitCode,
    objective: judged?.truth ?? 'not judged',
    says: judged?.found ?? '',
    acknowledged: durability[0]?.acknowledged ?? 0,
    lost: durability[0]?.lost ?? [],
  };
}

async function main(): Promise<boolean> {
  const ground = await openGround(await mkdtemp(join(tmpdir(), 'squall-durability-')));
  try {
    const honest = await look(ground, 'honest', await run(ground, 'honest'));
    say(`as it is: durability ${honest.objective}, ${honest.says} (exit ${honest.exitCode})`);
    const over = new AbortController();
    const forgetting = forgetOne(ground, over.signal);
    forgetting.catch(() => undefined);
    const exitCode = await run(ground, 'planted');
    over.abort(new Error('the run ended before a write was there'));
    const sample = await forgetting;
    const planted = await look(ground, 'planted', exitCode);
    say(
      `sample ${sample} forgotten: durability ${planted.objective}, ${planted.says} (exit ${planted.exitCode})`,
    );
    const ok =
      honest.objective === 'pass' &&
      honest.acknowledged > 0 &&
      planted.objective === 'fail' &&
      planted.lost.length === 1 &&
      planted.lost[0] === sample;
    say(JSON.stringify({ bench: 'durability', ok, honest, planted: { sample, ...planted } }));
    return ok;
  } finally {
    await closeGround(ground);
  }
}

process.exitCode = (await main()) ? 0 : 1;
