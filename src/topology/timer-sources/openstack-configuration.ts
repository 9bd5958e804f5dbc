import type { Timer } from '../../model/topology.ts';
import type { ClusterObjects, ConfigurationFile } from '../cluster-objects.ts';
import { timer, timerIf, type TimerSource } from './timer-source.ts';

/** Galera's default (Galera parameters, evs.suspect_timeout PT5S). */
const SUSPECT_MS = 5000;
/** Nova's defaults (configuration reference, service_down_time 60, report_interval 10). */
const SERVICE_DOWN_MS = 60_000;
const REPORT_MS = 10_000;

/** nova.conf and my.cnf. Each falls back to its project's default, but only where the project is there at all. */
export const openstackConfiguration: TimerSource = (objects, { services }) => {
  const has = (service: string, role?: string): boolean =>
    services.some((each) => each.service === service && (role === undefined || each.roles.includes(role)));
  return [...(has('nova') ? nova(objects) : []), ...(has('mariadb', 'database') ? mariadb(objects) : [])];
};

function nova({ files }: ClusterObjects): readonly Timer[] {
  const file = files.find((each) => /\/nova-etc$/.test(each.from) && each.name === 'nova.conf');
  const read = (option: string): number | undefined => seconds(file, option);
  const from = file?.from ?? '';
  const down = read('service_down_time');
  const report = read('report_interval');
  return [
    down === undefined
      ? timer('service-down-time', SERVICE_DOWN_MS, 'default of Nova: service_down_time 60')
      : timer('service-down-time', down, `service_down_time of nova.conf in ${from}`),
    report === undefined
      ? timer('report-interval', REPORT_MS, 'default of Nova: report_interval 10')
      : timer('report-interval', report, `report_interval of nova.conf in ${from}`),
  ];
}

/** An option of the `[DEFAULT]` section, in seconds. */
function seconds(file: ConfigurationFile | undefined, option: string): number | undefined {
  let section = 'DEFAULT';
  let found: number | undefined;
  for (const line of (file?.text ?? '').split('\n')) {
    section = /^\s*\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    const value = new RegExp(`^\\s*${option}\\s*=\\s*(\\d+(?:\\.\\d+)?)\\s*$`).exec(line)?.[1];
    if (section === 'DEFAULT' && value !== undefined) found = Number(value) * 1000;
  }
  return found;
}

function mariadb({ files }: ClusterObjects): readonly Timer[] {
  for (const file of files.filter((each) => /\/mariadb-etc$/.test(each.from))) {
    const value = /^[^#\n]*\bevs\.suspect_timeout\s*=\s*([^\s;"']+)/m.exec(file.text)?.[1];
    const found = timerIf(
      'database-suspect-timeout',
      isoMs(value ?? ''),
      `evs.suspect_timeout of ${file.name} in ${file.from}`,
    );
    if (found.length > 0) return found;
  }
  return [timer('database-suspect-timeout', SUSPECT_MS, 'default of Galera: evs.suspect_timeout PT5S')];
}

/** The part of ISO 8601 that Galera takes: `PT30S`, `PT0.8S`, `PT1M30S`. */
function isoMs(text: string): number | undefined {
  const found = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(text);
  if (found === null || text === 'PT') return undefined;
  const [, hours = '0', minutes = '0', secs = '0'] = found;
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(secs) * 1000;
}
