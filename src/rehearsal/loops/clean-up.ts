import { refTo } from '../cluster-api/object-client.ts';
import { RESOURCES } from '../cluster-api/resources.ts';
import { attempt, type Sync } from './loop.ts';

/** Empties a namespace that is being deleted, and takes it away when it is empty. */
export const finishNamespace: Sync = async ({ objects, snapshot }, namespace) => {
  const { name, deletionTimestamp } = namespace.metadata;
  if (deletionTimestamp === undefined) return;
  const all = RESOURCES.flatMap(({ plural }) => snapshot.of(plural));
  const inside = all.filter(({ metadata }) => metadata.namespace === name);
  for (const object of inside) await attempt(objects.delete(refTo(object)));
  if (inside.length === 0) await objects.change(refTo(namespace), () => null);
};

/** Deletes what has lost all its owners. */
export const collect: Sync = async ({ objects, snapshot }, object) => {
  const { ownerReferences = [] } = object.metadata;
  if (ownerReferences.length === 0 || ownerReferences.some(({ uid }) => snapshot.has(uid))) return;
  await objects.delete(refTo(object));
};
