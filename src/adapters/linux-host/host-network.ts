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
  /** Joins this host to others as a switch would; does nothing when it is joined. It ends with the interface that it lies on. */
  joinCard(card: Card): Promise<void>;
  /** Whether this host hands on packets between its interfaces. */
  forwards(): Promise<boolean>;
  setForwards(on: boolean): Promise<void>;
}

/** A network card of VXLAN. */
export interface Card {
  /** Its name on this host. */
  readonly name: string;
  /** What all who are joined agree about. */
  readonly id: number;
  readonly port: number;
  /** The interface that it lies on, and this host's address there. */
  readonly on: string;
  readonly local: string;
  /** Addresses of the others. */
  readonly peers: readonly string[];
  /** Of this host among those who are joined, with its length. */
  readonly address: string;
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
    joinCard: (card) => joinCard(run, card),
    forwards: async () => (await readFile(FORWARD, 'utf8')).trim() === '1',
    setForwards: (on) => writeFile(FORWARD, on ? '1' : '0'),
  };
}

/** Frames for everybody, and for those whose place is not known yet, go to each of the others. */
const EVERYBODY = '00:00:00:00:00:00';

async function joinCard(run: RunCommand, { name, id, port, on, local, peers, address }: Card): Promise<void> {
  const { code } = await run({ program: 'ip', arguments: ['link', 'show', name] });
  if (code !== 0) {
    const numbers = ['id', String(id), 'dstport', String(port)];
    await mustRun(run, 'ip', ['link', 'add', name, 'type', 'vxlan', ...numbers, 'local', local, 'dev', on]);
    for (const peer of peers)
      await mustRun(run, 'bridge', ['fdb', 'append', EVERYBODY, 'dev', name, 'dst', peer]);
  }
  await mustRun(run, 'ip', ['link', 'set', name, 'up']);
  await mustRun(run, 'ip', ['address', 'replace', address, 'dev', name]);
}
