import { askMembers, factsOfMembers, nameMemberChange, type Member } from './ask-members.ts';
import type { Fact } from './follow-collection.ts';
import { followPolls } from './follow-polls.ts';
import type { Watcher } from './watcher.ts';

/** As OpenStack-Helm labels the members; those of the reference lab say on this port how they are. */
const MEMBERS = 'application=mariadb,component=server';
const ASK = { port: 9200, path: '/state' };
const EVERY = { ms: 1000 };

/** `wsrep_local_state` by its number (Galera, node state changes). */
const STATES: Readonly<Record<string, string>> = {
  '1': 'joining',
  '2': 'donor',
  '3': 'joined',
  '4': 'synced',
};

interface Said {
  readonly primary?: boolean;
  readonly status?: Readonly<Record<string, string>>;
}

function stateOf({ ready, said }: Member, othersSay: boolean): string {
  // Where members say nothing of themselves they are known by their readiness, which comes late.
  if (said === undefined) return ready && !othersSay ? 'ready' : 'silent';
  const { status = {} } = said as Said;
  if (status['wsrep_cluster_status'] === undefined) return 'starting';
  if (status['wsrep_cluster_status'] !== 'Primary') return 'not-primary';
  return STATES[status['wsrep_local_state'] ?? ''] ?? 'joining';
}

/** Of the primary component, as a member of it says; where none says so, how many members are ready. */
function sizeOf(members: readonly Member[]): number {
  const sizes = members.flatMap(({ said }) => {
    const { status = {} } = (said ?? {}) as Said;
    return status['wsrep_cluster_status'] === 'Primary' ? [Number(status['wsrep_cluster_size'])] : [];
  });
  if (sizes.length > 0) return Math.max(...sizes);
  return members.some(({ said }) => said !== undefined) ? 0 : members.filter(({ ready }) => ready).length;
}

const factsOf = (members: readonly Member[]): readonly Fact[] =>
  factsOfMembers(
    'galera',
    members.map((member) => ({
      name: member.name,
      state: stateOf(
        member,
        members.some(({ said }) => said !== undefined),
      ),
    })),
    sizeOf(members),
  );

/**
 * Tells `galera-size` about `galera`, and `member-out`, `member-back` and `member-state` about `galera/<member>`: synced, donor,
 * joined, joining, not-primary, starting, silent; ready where a member says nothing of itself. `is` is absent for one that is gone.
 */
export const galera: Watcher = {
  name: 'galera',
  summary: 'Follows the size of the Galera cluster and the state of each member.',
  needs: 'kubernetes',
  watch: (tools, emit, signal) =>
    followPolls(
      {
        watcher: 'galera',
        about: 'galera',
        every: EVERY,
        nameChange: nameMemberChange,
        look: async (given, stop) => factsOf(await askMembers(given, MEMBERS, ASK, stop)),
      },
      tools,
      emit,
      signal,
    ),
};
