import { PRESSURE_KINDS, type MissingAbility } from '../../model/abilities.ts';

/** What is not real in the rehearsal; the first one says what it is. */
export const DISCLOSURES: readonly string[] = [
  'This is a rehearsal: a model of the cloud answered, in six processes on this host, so its figures say nothing about a real one.',
  'Its timers (elections, leases, health checks, probes) are much shorter than the defaults of the real projects; they are reported as its live configuration.',
  'Servers, volumes and networks are rows in a database: nothing boots, no packet of a tenant is sent, and the queue and the cache are pods that do nothing.',
  'etcd and the database are small Raft groups that do not flush to a disk; Galera is certified replication in reality, and fails in other ways.',
  'A node is a process: power-off is SIGKILL and a freeze is SIGSTOP. Its links are rules in these processes, not packets in a kernel.',
  'The address always accepts a connection, and is silent afterwards where a real one would not have accepted.',
  'Connections are plain HTTP on 127.0.0.1, without TLS. All nodes share the clock, the processors and the disk of this host.',
];

/** What a model cannot hurt, or could not show that it had. */
export const MISSING: readonly MissingAbility[] = [
  {
    ability: 'whole-kubernetes',
    reason: 'The rehearsal serves the kinds that plans and probes look at, and of their controllers a part.',
    remedy: 'Use `--lab reference`, or `--lab existing` with a test image.',
  },
  {
    ability: 'whole-openstack',
    reason: 'The rehearsal serves the parts of the OpenStack APIs that plans and probes look at.',
    remedy: 'Use `--lab reference`, or `--lab existing` with a cloud.',
  },
  {
    ability: 'guests',
    reason: 'A server of the rehearsal is a row in its store: nothing runs that could answer.',
    remedy: 'Use `--lab reference`, or `--lab existing` with a cloud.',
  },
  {
    ability: 'test-image',
    reason: 'A pod of the rehearsal is a row in its store: no container runs.',
    remedy: 'Use `--lab reference`, or `--lab existing` with a test image.',
  },
  {
    ability: 'link-limit',
    reason: 'Nothing in the rehearsal sends enough between its nodes for a limit to be measured.',
    remedy: 'Use a lab with real links, or `network-latency` to slow the model down.',
  },
  {
    ability: 'containers',
    reason: 'A pod of the rehearsal has no process of its own that could be killed.',
    remedy: 'Use a lab with real containers, or `pod-delete`.',
  },
  {
    ability: 'container-freeze',
    reason: 'A pod of the rehearsal has no process of its own that could hang.',
    remedy: 'Use a lab with real containers, or `node-freeze`.',
  },
  ...PRESSURE_KINDS.map((kind): MissingAbility => ({
    ability: `pressure-${kind}`,
    reason:
      'A node of the rehearsal is a process of this host: it has no processors, memory, disk or connections of its own that could be taken away.',
    remedy: 'Use `--lab reference`, or `node-freeze` for a node that does not keep up.',
  })),
  {
    ability: 'node-clock',
    reason:
      'All nodes of the rehearsal share the clock of this host, and setting it would hurt whoever uses it.',
    remedy: 'Skew the clock by hand on machines of your own.',
  },
];
