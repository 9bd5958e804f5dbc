import { readFile, writeFile } from 'node:fs/promises';
import type { RunCommand } from '../../ports/run-command.ts';
import { mustRun } from './must-run.ts';

/** Routes of ours carry this number as their origin, so that they are told from all others, also without a record. */
const ORIGIN = '83';

/** Behind every route that a kernel makes for an interface. */
const LAST = '4278198272';

const FORWARD = '/proc/sys/net/ipv4/ip_forward';

export interface HostNetwork {
  /** What is sent there when no interface leads there is refused here, and never given to the way out of this host. */
  closeBehind(subnets: readonly string[]): Promise<void>;
  /** Subnets that `closeBehind` closed, whoever called it. */
  closed(): Promise<readonly string[]>;
  reopen(subnet: string): Promise<void>;
  /** Gives this host an address in a bridge; does nothing when it has it. `mac` is what nodes see of this host. */
  join(bridge: string, address: string, mac: string): Promise<void>;
  /** Whether this host hands on packets between its interfaces. */
  forwards(): Promise<boolean>;
  setForwards(on: boolean): Promise<void>;
}

export function createHostNetwork(run: RunCommand): HostNetwork {
  const closed = async (): Promise<readonly string[]> => {
    const said = await mustRun(run, 'ip', ['-json', 'route', 'show', 'type', 'unreachable']);
    const routes = JSON.parse(said === '' ? '[]' : said) as readonly { dst: string; protocol?: string }[];
    return routes.filter(({ protocol }) => protocol === ORIGIN).map(({ dst }) => dst);
  };
  return {
    closed,
    async closeBehind(subnets) {
      const already = await closed();
      for (const subnet of subnets.filter((each) => !already.includes(each)))
        await mustRun(run, 'ip', ['route', 'add', 'unreachable', subnet, 'metric', LAST, 'proto', ORIGIN]);
    },
    async reopen(subnet) {
      if ((await closed()).includes(subnet))
        await mustRun(run, 'ip', ['route', 'del', 'unreachable', subnet, 'metric', LAST, 'proto', ORIGIN]);
    },
    async join(bridge, address, mac) {
      await mustRun(run, 'ip', ['link', 'set', bridge, 'address', mac, 'up']);
      await mustRun(run, 'ip', ['address', 'replace', address, 'dev', bridge]);
    },
    forwards: async () => (await readFile(FORWARD, 'utf8')).trim() === '1',
    setForwards: (on) => writeFile(FORWARD, on ? '1' : '0'),
  };
}
