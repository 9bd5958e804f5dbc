import type { Timer } from '../../model/topology.ts';
import type { ConfigurationFile } from '../cluster-objects.ts';
import { KEEPALIVED_FILE } from '../collect-files.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** Adverts that must be missing before another node takes over (RFC 5798, Master_Down_Interval). */
const MISSED_ADVERTS = 3;
const HIGHEST_PRIORITY = 256;

/** keepalived's own defaults (keepalived.conf(5)): advert_int 1 s, priority 100. */
const ADVERT_S = 1;
const PRIORITY = 100;

/** haproxy's own defaults (configuration manual, `inter`, `fall`, `rise`). */
const CHECK = { interMs: 2000, fall: 3, rise: 2 };

/** keepalived.conf and haproxy.cfg, where a cluster keeps them in ConfigMaps, or nodes let us read them. */
export const addressKeepers: TimerSource = ({ files }) => {
  const system = files.filter(
    ({ from, name }) => from.startsWith('configmap kube-system/') || name === KEEPALIVED_FILE,
  );
  // What is kept beside the cloud is in front of its APIs, and what is kept with the cluster's own in front of theirs.
  const cloud = files.filter((file) => !system.includes(file));
  return [
    ...keepalived(system),
    ...haproxy(system, 'health'),
    ...keepalived(cloud)
      .filter(({ name }) => name === 'address-failover')
      .map((timer) => ({ ...timer, name: 'cloud-address-failover' })),
    ...haproxy(cloud, 'cloud'),
  ];
};

function keepalived(all: readonly ConfigurationFile[]): readonly Timer[] {
  const files = all.filter(
    (file) =>
      (/configmap .*\/(keepalived|haproxy)-config$/.test(file.from) || file.name === KEEPALIVED_FILE) &&
      /\bvrrp_instance\b/.test(file.text),
  );
  const instances = files.flatMap(({ from, text }) => {
    const plain = text.replace(/[#!].*$/gm, '');
    const third = /\bvrrp_version\s+3\b/.test(plain);
    return plain
      .split(/\bvrrp_instance\b/)
      .slice(1)
      .map((block) => ({
        from,
        third,
        advertS: numberOf(block, 'advert_int') ?? ADVERT_S,
        priority: numberOf(block, 'priority') ?? PRIORITY,
      }));
  });
  const [first] = instances;
  if (first === undefined) return [];
  const advertS = Math.max(...instances.map((each) => each.advertS));
  // Version 2 counts the skew in 256ths of a second, version 3 in those of the interval; the lowest priority waits longest.
  const failovers = instances.map(
    ({ advertS: own, priority, third }) =>
      MISSED_ADVERTS * own + ((HIGHEST_PRIORITY - priority) / HIGHEST_PRIORITY) * (third ? own : 1),
  );
  return [
    ...timerIf('keepalived-advert-interval', Math.round(advertS * 1e6) / 1000, `advert_int in ${first.from}`),
    ...timerIf(
      'address-failover',
      Math.round(Math.max(...failovers) * 1e6) / 1000,
      `${MISSED_ADVERTS} x advert_int and the skew time of the lowest priority in ${first.from}`,
    ),
  ];
}

function numberOf(text: string, key: string): number | undefined {
  const found = new RegExp(`\\b${key}\\s+([\\d.]+)`).exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function haproxy(all: readonly ConfigurationFile[], whose: 'health' | 'cloud'): readonly Timer[] {
  const file = all.find(
    (each) =>
      /configmap .*\/haproxy-config$/.test(each.from) &&
      (whose === 'health' ? /\bbackend\b|\blisten\b/ : /\bbackend\b/).test(each.text),
  );
  if (file === undefined) return [];
  const plain = file.text.replace(/#.*$/gm, '');
  const lines = plain
    .split('\n')
    .filter((line) => /^\s*(default-server|server|server-template)\b/.test(line));
  const pick = (key: string): readonly string[] =>
    lines
      .map((line) => new RegExp(`\\b${key}\\s+(\\S+)`).exec(line)?.[1])
      .filter((value) => value !== undefined);
  const interMs = slowest(pick('inter').map(haproxyMs)) ?? CHECK.interMs;
  const fall = slowest(pick('fall').map(Number)) ?? CHECK.fall;
  const rise = slowest(pick('rise').map(Number)) ?? CHECK.rise;
  // Without a timeout of its own, a check may take as long as the interval (configuration manual, `timeout check`).
  const timeoutMs =
    slowest([/^\s*timeout\s+check\s+(\S+)/m.exec(plain)?.[1] ?? ''].map(haproxyMs)) ?? interMs;
  return [
    ...timerIf(`${whose}-check-interval`, interMs, `inter in ${file.from}`),
    ...timerIf(
      `${whose}-check-ejection`,
      interMs * fall + timeoutMs,
      `inter x fall (${fall}) and the check's timeout in ${file.from}`,
    ),
    ...timerIf(`${whose}-check-readmission`, interMs * rise, `inter x rise (${rise}) in ${file.from}`),
  ];
}

const slowest = (values: readonly number[]): number | undefined => {
  const known = values.filter((value) => Number.isFinite(value));
  return known.length === 0 ? undefined : Math.max(...known);
};

const HAPROXY_UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time as haproxy writes it: a bare number is in milliseconds. NaN when it is none. */
function haproxyMs(text: string): number {
  const found = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text);
  return found === null ? Number.NaN : Number(found[1]) * (HAPROXY_UNIT_MS[found[2] ?? 'ms'] ?? Number.NaN);
}
