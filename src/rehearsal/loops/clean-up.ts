import type { KubeObject } from '../cluster-api/object-client.ts';
import { resourceNamed, RESOURCES } from '../cluster-api/resources.ts';
import { deleteAsController, type ControllerTools } from './loop.ts';

const NAMESPACES = resourceNamed('namespaces');
const NAMESPACED = RESOURCES.filter(({ namespaced }) => namespaced);

/** Empties namespaces that are being deleted, and takes them away when they are empty. */
export async function finishNamespaces(tools: ControllerTools): Promise<void> {
  const { objects, attempt, snapshot } = tools;
  const leaving = snapshot
    .of('namespaces')
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  for (const namespace of leaving) {
    const { name } = namespace.metadata;
    let left = 0;
    for (const { plural } of NAMESPACED) {
      const inside = snapshot.of(plural).filter(({ metadata }) => metadata.namespace === name);
      left += inside.length;
      for (const object of inside.filter(isNotYetLeaving)) await attempt(deleteAsController(tools, object));
    }
    if (left === 0) await attempt(objects.remove(NAMESPACES, namespace));
  }
}

/** What is marked already waits for its kubelet, or for its finalizers. */
const isNotYetLeaving = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp === undefined && (metadata.finalizers ?? []).length === 0;

/** Deletes what was owned by something that is gone. */
export async function collectGarbage(tools: ControllerTools): Promise<void> {
  const { snapshot, attempt } = tools;
  const alive = new Set(
    RESOURCES.flatMap(({ plural }) => snapshot.of(plural)).map(({ metadata }) => metadata.uid),
  );
  for (const { plural } of NAMESPACED) {
    const orphans = snapshot.of(plural).filter(({ metadata }) => {
      const owners = metadata.ownerReferences ?? [];
      return owners.length > 0 && owners.every(({ uid }) => !alive.has(uid));
    });
    for (const object of orphans.filter(isNotYetLeaving)) await attempt(deleteAsController(tools, object));
  }
}
