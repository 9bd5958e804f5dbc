import type { ContainerDetails, ContainerState, ContainerSummary } from '../../ports/container-engine.ts';

interface ListedContainer {
  readonly Names?: readonly string[];
  readonly State?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

interface InspectedContainer {
  readonly Name: string;
  readonly ImageName?: string;
  readonly State: { readonly Status: string; readonly Pid: number };
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
}

/** What `podman ps --format json` says. */
export function readContainers(text: string): readonly ContainerSummary[] {
  const listed = JSON.parse(text === '' ? '[]' : text) as readonly ListedContainer[];
  return listed.map(({ Names, State, Labels }) => ({
    name: Names?.[0] ?? '',
    state: stateOf(State ?? ''),
    labels: Labels ?? {},
  }));
}

/** What `podman container inspect` says of one. */
export function readDetails(text: string): ContainerDetails | undefined {
  const [found] = JSON.parse(text) as readonly InspectedContainer[];
  if (found === undefined) return undefined;
  return {
    name: found.Name,
    state: stateOf(found.State.Status),
    labels: found.Config.Labels ?? {},
    pid: found.State.Pid,
    image: found.ImageName ?? '',
  };
}

function stateOf(says: string): ContainerState {
  const state = says.toLowerCase();
  if (state === 'running' || state === 'stopping') return 'running';
  if (state === 'paused') return 'paused';
  return state === 'exited' || state === 'stopped' ? 'ended' : 'created';
}
