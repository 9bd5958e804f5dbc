import { createHash } from 'node:crypto';
import { StoreConflict } from '../replica.ts';
import type { DocumentStore } from '../replica.ts';

/** The documents of one kind: one row of an OpenStack table each. */
export interface Records<Row> {
  find(id: string): Promise<Row | undefined>;
  /** By id. */
  all(): Promise<Row[]>;
  /** False when there is one already. */
  insert(id: string, row: Row): Promise<boolean>;
  put(id: string, row: Row): Promise<void>;
  /** Applies the change to what is there, again when somebody else was faster. undefined when it is not there (any more). */
  change(id: string, apply: (row: Row) => Row): Promise<Row | undefined>;
  remove(id: string): Promise<boolean>;
}

export function recordsOf<Row extends object>(database: DocumentStore, kind: string): Records<Row> {
  const prefix = `openstack/${kind}/`;
  const keyOf = (id: string): string => prefix + encodeURIComponent(id);
  // Rows are written by this file only, so what is read has the shape that was written.
  const read = (value: Readonly<Record<string, unknown>>): Row => value as unknown as Row;
  const written = (row: Row): Readonly<Record<string, unknown>> =>
    row as unknown as Readonly<Record<string, unknown>>;
  return {
    find: async (id) => {
      const document = await database.get(keyOf(id));
      return document && read(document.value);
    },
    all: async () => (await database.list(prefix)).documents.map((document) => read(document.value)),
    insert: async (id, row) => {
      try {
        await database.put(keyOf(id), written(row), 'absent');
        return true;
      } catch (error) {
        if (error instanceof StoreConflict) return false;
        throw error;
      }
    },
    put: async (id, row) => void (await database.put(keyOf(id), written(row), 'any')),
    change: async (id, apply) => {
      for (;;) {
        const document = await database.get(keyOf(id));
        if (document === undefined) return undefined;
        try {
          return read(
            (await database.put(keyOf(id), written(apply(read(document.value))), document.revision)).value,
          );
        } catch (error) {
          if (!(error instanceof StoreConflict)) throw error;
        }
      }
    },
    remove: (id) => database.delete(keyOf(id)),
  };
}

/** The id of a seeded row: the same on every node that seeds. */
export const seededId = (name: string): string =>
  createHash('sha256').update(`seed ${name}`).digest('hex').slice(0, 32);

export const seededUuid = (name: string): string =>
  seededId(name).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
