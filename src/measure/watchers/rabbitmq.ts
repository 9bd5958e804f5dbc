import { askMembers, factsOfMembers, nameMemberChange, type Member } from './ask-members.ts';
import type { Fact } from './follow-collection.ts';
import { followPolls } from './follow-polls.ts';
import type { Watcher } from './watcher.ts';

/** As OpenStack-Helm labels the members; the port is that of RabbitMQ's own plugin for Prometheus. */
const MEMBERS = 'application=rabbitmq,component=server';
const ASK = { port: 15_692, path: '/metrics' };
const EVERY = { ms: 2000 };

/** How many of the others a member cannot reach. */
const UNREACHABLE = /^rabbitmq_unreachable_cluster_peers_count(?:{[^}]*})? (\d+)/m;

function stateOf({ ready, said }: Member): string {
  if (!ready) return 'not-ready';
  const alone = typeof said === 'string' ? UNREACHABLE.exec(said)?.[1] : undefined;
  return alone === undefined || alone === '0' ? 'ready' : `misses-${alone}`;
}

function factsOf(members: readonly Member[]): readonly Fact[] {
  const states = members.map((member) => ({ name: member.name, state: stateOf(member) }));
  return factsOfMembers('rabbitmq', states, states.filter(({ state }) => state !== 'not-ready').length);
}

/**
 * Tells `rabbitmq-size` about `rabbitmq`, how many members take clients, and `member-out`, `member-back` and `member-state` about
 * `rabbitmq/<member>`: ready, not-ready, or misses-<n> while it cannot reach so many of the others.
 */
export const rabbitmq: Watcher = {
  name: 'rabbitmq',
  summary: 'Follows the members of the RabbitMQ cluster.',
  needs: 'kubernetes',
  watch: (tools, emit, signal) =>
    followPolls(
      {
        watcher: 'rabbitmq',
        about: 'rabbitmq',
        every: EVERY,
        nameChange: nameMemberChange,
        look: async (given, stop) => factsOf(await askMembers(given, MEMBERS, ASK, stop)),
      },
      tools,
      emit,
      signal,
    ),
};
