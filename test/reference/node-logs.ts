import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { API_ADDRESS, CONTROL_NODES } from '../../src/labs/reference/shape.ts';
import { clock } from './the-lab.ts';

const run = promisify(execFile);

/** What a program of a node wrote, and when by the clock that all nodes share with this host. */
export interface LogLine {
  readonly node: string;
  /** Since 1970. */
  readonly atMs: number;
  readonly says: string;
}

async function onNode(node: string, script: string): Promise<string> {
  const { stdout } = await run('podman', ['exec', `squall-${node}`, '/bin/sh', '-c', script], {
    maxBuffer: 64e6,
    timeout: 60_000,
  });
  return stdout;
}

/** From an instant of the host's monotonic clock to the time since 1970. */
export const wallOffsetNs = (): number => Date.now() * 1e6 - clock.now().ns;

export async function logOfKeepalived(nodes: readonly string[]): Promise<readonly LogLine[]> {
  const found = await Promise.all(
    nodes.map(async (node) => {
      const text = await onNode(node, 'journalctl --unit keepalived --no-pager --output json');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const { MESSAGE: says, __REALTIME_TIMESTAMP: at } = JSON.parse(line) as Record<string, unknown>;
          return { node, atMs: Number(at) / 1000, says: String(says) };
        });
    }),
  );
  return found.flat();
}

/** Also of containers of etcd that have ended. */
export async function logOfEtcd(nodes: readonly string[]): Promise<readonly LogLine[]> {
  const found = await Promise.all(
    nodes.map(async (node) => {
      const text = await onNode(node, 'grep -h raft /var/log/pods/kube-system_etcd-*/etcd/*.log');
      return text.split('\n').flatMap((line) => {
        const json = line.slice(line.indexOf('{'));
        try {
          const { ts, msg } = JSON.parse(json) as { readonly ts: string; readonly msg: string };
          return [{ node, atMs: Date.parse(ts), says: msg }];
        } catch {
          return [];
        }
      });
    }),
  );
  return found.flat();
}

/** The control node that carries the API address. */
export async function holderNow(): Promise<string> {
  for (const { name } of CONTROL_NODES)
    if ((await onNode(name, 'ip -4 -oneline address show')).includes(` ${API_ADDRESS}/`)) return name;
  throw new Error('Nobody carries the API address.');
}

const ETCDCTL =
  'etcdctl --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/peer.crt --key /etc/kubernetes/pki/etcd/peer.key';

/** Has the member on that node lead. */
export async function giveEtcdTo(node: string): Promise<void> {
  const endpoints = CONTROL_NODES.map(({ address }) => `https://${address}:2379`).join(',');
  const ctl = `${ETCDCTL} --endpoints ${endpoints}`;
  const members = JSON.parse(await onNode(node, `${ctl} member list --write-out json --hex`)) as {
    readonly members: readonly { readonly ID: string; readonly name: string }[];
  };
  const member = members.members.find(({ name }) => name === node);
  const says = await onNode(node, `${ctl} move-leader ${member?.ID ?? '?'} 2>&1 || true`);
  const leads = await onNode(
    node,
    `${ETCDCTL} --endpoints https://127.0.0.1:2379 endpoint status --write-out json`,
  );
  const [{ Status } = { Status: { leader: 0, header: { member_id: 1 } } }] = JSON.parse(leads) as {
    readonly Status: { readonly leader: number; readonly header: { readonly member_id: number } };
  }[];
  if (Status.leader !== Status.header.member_id)
    throw new Error(`The member on ${node} does not lead: ${says}`);
}
