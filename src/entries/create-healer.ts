import { faultEntries, healEntry } from '../chaos/index.ts';
import type { HealingEntry, Verification } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import type { Lab } from '../ports/lab.ts';
import { connect } from './connect.ts';

export interface HealerTools {
  readonly lab: Lab;
  readonly clock: Clock;
  readonly run: string;
}

/**
 * Heals entries of one run with the lab alone, for the cluster may be what was hurt; only for a fault that nothing but the cluster
 * can end, such as a cordon, it asks the cluster too. Does not throw: a cluster that cannot be found is a heal that failed.
 */
export function createHealer(
  tools: HealerTools,
): (entry: HealingEntry, signal: AbortSignal) => Promise<Verification> {
  let connected: Promise<KubernetesApi | undefined> | undefined;
  return async (entry, signal) => {
    const fault = faultEntries.find(({ name }) => name === entry.fault);
    if (fault?.lasts !== true || !fault.needs.includes('kubernetes')) return healEntry(entry, tools, signal);
    connected ??= findCluster(tools).catch(() => {
      // The lab may be on its way up again; the next try looks anew.
      connected = undefined;
      return undefined;
    });
    const kubernetes = await connected;
    return healEntry(entry, { ...tools, ...(kubernetes === undefined ? {} : { kubernetes }) }, signal);
  };
}

async function findCluster({ lab, clock }: HealerTools): Promise<KubernetesApi | undefined> {
  const { kubeconfig, context } = await lab.connection();
  const way = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
  return (await connect(way, clock)).kubernetes;
}
