import type { Timer } from '../../model/topology.ts';
import type { ClusterObjects, ConfigurationFile } from '../cluster-objects.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** The files of OpenStack's services and my.cnf, only where the project is there at all. */
export const openstackConfiguration: TimerSource = (objects, { services }) => {
  const has = (service: string, role?: string): boolean =>
    services.some((each) => each.service === service && (role === undefined || each.roles.includes(role)));
  return [
    ...(has('nova') ? nova(objects) : []),
    ...(has('neutron') ? neutron(objects) : []),
    ...(has('mariadb', 'database') ? mariadb(objects) : []),
  ];
};

interface Option {
  readonly name: string;
  readonly section: string;
  readonly option: string;
}

function nova({ files }: ClusterObjects): readonly Timer[] {
  return read(files, 'nova', [
    { name: 'service-down-time', section: 'DEFAULT', option: 'service_down_time' },
    { name: 'report-interval', section: 'DEFAULT', option: 'report_interval' },
    { name: 'rpc-response-timeout', section: 'DEFAULT', option: 'rpc_response_timeout' },
    {
      name: 'queue-heartbeat-timeout',
      section: 'oslo_messaging_rabbit',
      option: 'heartbeat_timeout_threshold',
    },
  ]);
}

function neutron({ files }: ClusterObjects): readonly Timer[] {
  return read(files, 'neutron', [
    { name: 'agent-down-time', section: 'DEFAULT', option: 'agent_down_time' },
    { name: 'agent-report-interval', section: 'agent', option: 'report_interval' },
  ]);
}

function read(
  files: readonly ConfigurationFile[],
  project: string,
  options: readonly Option[],
): readonly Timer[] {
  const file = files.find((each) => each.from.endsWith(`/${project}-etc`) && each.name === `${project}.conf`);
  return options.flatMap(({ name, section, option }) => {
    const where = section === 'DEFAULT' ? option : `[${section}] ${option}`;
    const value = optionOf(file?.text ?? '', section, option);
    const ms = value === undefined || !/^\d+(\.\d+)?$/.test(value) ? undefined : Number(value) * 1000;
    return timerIf(name, ms, `${where} of ${project}.conf in ${file?.from ?? ''}`);
  });
}

/** Of several lines the last one counts. */
export function optionOf(text: string, section: string, option: string): string | undefined {
  let within = 'DEFAULT';
  let found: string | undefined;
  for (const line of text.split('\n')) {
    within = /^\s*\[([^\]]+)\]/.exec(line)?.[1] ?? within;
    const value = new RegExp(`^\\s*${option}\\s*=\\s*(.*?)\\s*$`).exec(line)?.[1];
    if (within === section && value !== undefined) found = value;
  }
  return found;
}

function mariadb({ files }: ClusterObjects): readonly Timer[] {
  return ['suspect', 'inactive'].flatMap((what) => {
    const option = `evs.${what}_timeout`;
    const set = new RegExp(`^[^#\\n]*\\bevs\\.${what}_timeout\\s*=\\s*([^\\s;"']+)`, 'm');
    for (const file of files.filter((each) => /\/mariadb-etc$/.test(each.from))) {
      const ms = isoMs(set.exec(file.text)?.[1] ?? '');
      const found = timerIf(`database-${what}-timeout`, ms, `${option} of ${file.name} in ${file.from}`);
      if (found.length > 0) return found;
    }
    return [];
  });
}

/** The part of ISO 8601 that Galera takes: `PT30S`, `PT0.8S`, `PT1M30S`. */
function isoMs(text: string): number | undefined {
  const found = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(text);
  if (found === null || text === 'PT') return undefined;
  const [, hours = '0', minutes = '0', secs = '0'] = found;
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(secs) * 1000;
}
