import { createHash } from 'node:crypto';
import { StoreConflict, type Document, type DocumentStore } from '../replica.ts';
import { dashed } from './call.ts';

/** The documents of one kind: one row of an OpenStack table each. */
export class Table<Row extends object> {
  readonly #database: DocumentStore;
  readonly #prefix: string;

  constructor(database: DocumentStore, name: string) {
    this.#database = database;
    this.#prefix = `openstack/${name}/`;
  }

  async find(id: string): Promise<Row | undefined> {
    const document = await this.#database.get(this.#prefix + encodeURIComponent(id));
    return document && read<Row>(document);
  }

  async all(): Promise<Row[]> {
    return (await this.#database.list(this.#prefix)).documents.map((document) => read<Row>(document));
  }

  /** undefined when what is there is not as expected: of that revision, or absent. */
  async put(id: string, row: Row, expected: number | 'absent' | 'any' = 'any'): Promise<Row | undefined> {
    const key = this.#prefix + encodeURIComponent(id);
    return this.#database.put(key, row as Document['value'], expected).then(read<Row>, (error: unknown) => {
      if (error instanceof StoreConflict) return undefined;
      throw error;
    });
  }

  /** Applies the change to what is there, again when somebody else was faster. undefined when it is not there (any more). */
  async change(id: string, apply: (row: Row) => Row): Promise<Row | undefined> {
    for (;;) {
      const document = await this.#database.get(this.#prefix + encodeURIComponent(id));
      const after = document && (await this.put(id, apply(read<Row>(document)), document.revision));
      if (document === undefined || after !== undefined) return after;
    }
  }

  remove(id: string): Promise<boolean> {
    return this.#database.delete(this.#prefix + encodeURIComponent(id));
  }
}

// Rows are written by this file only, so what is read has the shape that was written.
const read = <Row>({ value }: Document): Row => value as unknown as Row;

/** Where a replica finds its rows: its state is in the database alone. */
export type TableIn<Row extends object> = (place: { readonly database: DocumentStore }) => Table<Row>;

export function tableOf<Row extends object>(name: string): TableIn<Row> {
  return ({ database }) => new Table<Row>(database, name);
}

/** The id of something that is the same on every node. */
export const seededId = (name: string): string =>
  createHash('sha256').update(name).digest('hex').slice(0, 32);

export const seededUuid = (name: string): string => dashed(seededId(name));
