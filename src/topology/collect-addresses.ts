import { seconds } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { Inspect } from '../ports/lab.ts';
import { apiHosts, holderInApi } from './api-address.ts';
import type { CarriedAddresses, ConfigurationFile } from './cluster-objects.ts';
import { isControlNode } from './node-roles.ts';
import { byText } from './object-fields.ts';

/** How long a node may take to say which addresses it carries. */
const PATIENCE = seconds(10);

interface Known {
  readonly nodes: readonly KubernetesObject[];
  readonly leases: readonly KubernetesObject[];
  readonly files: readonly ConfigurationFile[];
}

/** Asks the control nodes who carries the address of the API; only where the lab can, and the API itself does not say. */
export async function collectAddresses(
  inspect: Inspect | undefined,
  known: Known,
  apiUrl: string,
): Promise<readonly CarriedAddresses[] | undefined> {
  if (inspect === undefined || holderInApi(known, apiHosts(apiUrl, known.files)) !== undefined)
    return undefined;
  const names = known.nodes.filter(isControlNode).map(({ metadata }) => metadata.name);
  return Promise.all(
    names.sort(byText).map(async (node): Promise<CarriedAddresses> => {
      try {
        return { node, addresses: await inspect.addresses(node, PATIENCE) };
      } catch (error) {
        return { node, reason: describeError(error) };
      }
    }),
  );
}
