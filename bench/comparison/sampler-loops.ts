import { request, type Agent } from 'node:http';

/** One answer as a loop notes it. */
export interface Noted {
  /** When the loop stamps it: at the request or at the verdict, as that loop does. Nanoseconds of the monotonic clock. */
  readonly atNs: number;
  readonly ok: boolean;
}

/** How a loop asks one target, or all of them. */
export interface Timing {
  readonly timeoutMs: number;
  /** `tick`: a request every period, whatever became of the last. `sleep`: so long after the last verdict. */
  readonly loop: 'tick' | 'sleep';
  readonly everyMs: number;
  readonly stamp: 'request' | 'verdict';
  /** One thread for all targets, which are asked in turn. */
  readonly inTurn: boolean;
}

const now = (): number => Number(process.hrtime.bigint());
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One GET; any trouble and any status but 200 is bad. */
function get(port: number, timeoutMs: number, agent?: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/', ...(agent ? { agent } : {}) }, (answer) => {
      answer.resume();
      answer.once('end', () => settle(answer.statusCode === 200));
    });
    const late = setTimeout(() => settle(false), timeoutMs);
    const settle = (ok: boolean): void => {
      clearTimeout(late);
      resolve(ok);
      if (!ok) asked.destroy();
    };
    asked.once('error', () => settle(false));
    asked.end();
  });
}

/** Asks until it is told to stop. @returns what each target's answers were noted as, by the place of its port. */
export async function sample(
  ports: readonly number[],
  { timeoutMs, loop, everyMs, stamp, inTurn }: Timing,
  stop: AbortSignal,
  agent?: Agent,
): Promise<readonly (readonly Noted[])[]> {
  const noted: Noted[][] = ports.map(() => []);
  const ask = async (index: number): Promise<void> => {
    const requestNs = now();
    const ok = await get(ports[index] ?? 0, timeoutMs, agent);
    noted[index]?.push({ atNs: stamp === 'request' ? requestNs : now(), ok });
  };
  const round = async (indexes: readonly number[]): Promise<void> => {
    for (const index of indexes) if (!stop.aborted) await ask(index);
  };
  const lane = async (indexes: readonly number[]): Promise<void> => {
    const startNs = now();
    const open = new Set<Promise<void>>();
    for (let n = 1; !stop.aborted; n++) {
      if (loop === 'sleep') {
        await round(indexes);
        await wait(everyMs);
        continue;
      }
      const asking = round(indexes).finally(() => open.delete(asking));
      open.add(asking);
      await wait(Math.max(0, n * everyMs - (now() - startNs) / 1e6));
    }
    await Promise.all(open);
  };
  const all = ports.map((_, index) => index);
  await Promise.all(inTurn ? [lane(all)] : all.map((index) => lane([index])));
  return noted.map((some) => [...some].sort((a, b) => a.atNs - b.atNs));
}
