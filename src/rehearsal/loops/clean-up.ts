import { pluralOf, RESOURCES } from '../cluster-api/resources.ts';
import { attempt, type Sync } from './loop.ts';

/** Empties a namespace that is being deleted, and takes it away when it is empty. */
export const finishNamespace: Sync = async ({ objects, of }, namespace) => {
  const { name, deletionTimestamp } = namespace.metadata;
  if (deletionTimestamp === undefined) return;
  const all = RESOURCES.flatMap(({ plural }) => of(plural));
  const inside = all.filter(({ metadata }) => metadata.namespace === name);
  for (const object of inside) await attempt(objects.delete(object));
  if (inside.length === 0) await objects.change(namespace, () => null);
};

/** Deletes what has lost all its owners. */
export const collect: Sync = async ({ objects, of }, object) => {
  const owners = object.metadata.ownerReferences ?? [];
  const isThere = owners.some(({ kind, uid }) =>
    of(pluralOf(kind)).some(({ metadata }) => metadata.uid === uid),
  );
  if (owners.length > 0 && !isThere) await objects.delete(object);
};
