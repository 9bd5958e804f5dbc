import type { Timer } from '../../model/topology.ts';
import type { ClusterObjects, ConfigurationFile } from '../cluster-objects.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** nova.conf and my.cnf, only where the project is there at all. */
export const openstackConfiguration: TimerSource = (objects, { services }) => {
  const has = (service: string, role?: string): boolean =>
    services.some((each) => each.service === service && (role === undefined || each.roles.includes(role)));
  return [...(has('nova') ? nova(objects) : []), ...(has('mariadb', 'database') ? mariadb(objects) : [])];
};

function nova({ files }: ClusterObjects): readonly Timer[] {
  const file = files.find((each) => /\/nova-etc$/.test(each.from) && each.name === 'nova.conf');
  const read = (name: string, option: string): readonly Timer[] =>
    timerIf(name, seconds(file, option), `${option} of nova.conf in ${file?.from ?? ''}`);
  return [...read('service-down-time', 'service_down_time'), ...read('report-interval', 'report_interval')];
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
  return [];
}

/** The part of ISO 8601 that Galera takes: `PT30S`, `PT0.8S`, `PT1M30S`. */
function isoMs(text: string): number | undefined {
  const found = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(text);
  if (found === null || text === 'PT') return undefined;
  const [, hours = '0', minutes = '0', secs = '0'] = found;
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(secs) * 1000;
}
