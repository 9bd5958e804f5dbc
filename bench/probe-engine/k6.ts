import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CACHE, call } from '../samples-query/python.ts';

/** k6, built from its Go module once and kept. @throws where there is no Go. */
export function k6Program(): string {
  const program = join(CACHE, 'k6', 'bin', 'k6');
  if (existsSync(program)) return program;
  process.stdout.write('k6 is built from its Go module; that takes minutes, once\n');
  call('go', ['install', 'go.k6.io/k6@latest'], {
    GOPATH: join(CACHE, 'k6', 'gopath'),
    GOBIN: join(CACHE, 'k6', 'bin'),
    GOFLAGS: '-modcacherw',
  });
  return program;
}

export interface K6Result {
  readonly sent: number;
  readonly dropped: number;
  readonly failed: number;
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
}

/**
 * Its own open loop at a constant rate. It tells no lateness, so its script works it out as we do: when an iteration begins, less
 * when it was planned. The clock of scripts counts whole milliseconds; that is in its favour by half of one.
 */
const script = (url: string, rate: number, seconds: number): string => `
import http from 'k6/http';
import exec from 'k6/execution';
import { Trend } from 'k6/metrics';
const late = new Trend('late');
export const options = {
  discardResponseBodies: true,
  summaryTrendStats: ['med', 'p(99)'],
  scenarios: { open: { executor: 'constant-arrival-rate', rate: ${rate}, timeUnit: '1s', duration: '${seconds}s',
    preAllocatedVUs: 300, maxVUs: 300, gracefulStop: '3s' } },
};
export default function () {
  late.add(Math.max(0, Date.now() - exec.scenario.startTime - exec.scenario.iterationInTest * ${1000 / rate}));
  http.get('${url}/');
}
export function handleSummary({ metrics }) {
  const count = (name) => (metrics[name] ? metrics[name].values.count : 0);
  return { stdout: JSON.stringify({ sent: count('http_reqs'), dropped: count('dropped_iterations'),
    failed: metrics.http_req_failed.values.passes, lateP50Ms: metrics.late.values.med, lateP99Ms: metrics.late.values['p(99)'] }) };
}
`;

export async function runK6(url: string, rate: number, seconds: number): Promise<K6Result> {
  const folder = await mkdtemp(join(tmpdir(), 'squall-k6-'));
  try {
    const file = join(folder, 'constant-rate.js');
    await writeFile(file, script(url, rate, seconds));
    const { stdout } = await promisify(execFile)(
      k6Program(),
      ['run', '--quiet', '--no-usage-report', '--no-color', file],
      { timeout: (seconds + 60) * 1000, env: { ...process.env, HOME: folder } },
    );
    return JSON.parse(stdout.slice(stdout.indexOf('{'))) as K6Result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
