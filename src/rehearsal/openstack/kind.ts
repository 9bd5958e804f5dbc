import type { OpenStackService, OpenStackTimers, ReplicaContext } from '../replica.ts';
import { route, type Allowed, type Route } from './api-service.ts';
import { ApiFault, bodyOf, dashed, isAdmin, ok, projectOf } from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { DIALECTS } from './dialects.ts';
import { readFields, type Fields, type Read } from './field.ts';
import { tableOf, type TableIn } from './table.ts';

/** What every row has, beside the fields of its kind. */
export interface Base {
  readonly id: string;
  readonly project: string;
  readonly createdMs: number;
  readonly changedMs: number;
  /** Counts its changes, from 1. */
  readonly revision: number;
  /** Where the kind has states: which, and since when. */
  readonly state: string;
  readonly sinceMs: number;
}

export type Row<F extends Fields> = Base & Read<F>;

/** States that end by themselves: when that timer is over comes the next state, or the row is `gone`. */
export type Passing = Readonly<Record<string, readonly [after: keyof OpenStackTimers, next: string]>>;

/** What sets a kind apart from the others. */
interface Traits<F extends Fields> {
  /** The fields that an update may change; there is no update without one. */
  readonly changeable?: readonly (keyof F & string)[];
  /** The fields that no view shows. */
  readonly hidden?: readonly (keyof F & string)[];
  /** Who may list, and who may create, update and delete: readers and members where nothing is named. */
  readonly readers?: Allowed;
  readonly writers?: Allowed | 'nobody';
  /** The status of answers to POST and DELETE, where they are not 201 and 204. */
  readonly statuses?: readonly [created: number, deleted: number];
  /** Lists show id, name and links, and `/detail` everything; those of all projects only where `all_tenants` is asked for. */
  readonly detailed?: true;
  /** The key of the resource in bodies, where that is not the singular; empty when it is the body itself. */
  readonly key?: string;
  readonly uniqueName?: true;
  /** What states become when a row is looked at. */
  readonly passing?: Passing;
  /** Rows are in the state `deleting` until that passes; otherwise they are gone at once. */
  readonly lingers?: true;
  /** Beside the id and the fields. */
  view(row: Row<F>, call: Call): Promise<Json> | Json;
  /** Everybody may see it, though its owner alone may change it. */
  readonly isOpen?: (row: Row<F>) => boolean;
  /** Checks a new row against the others, and adds what the service decides. */
  make?(row: Row<F>, call: Call): Promise<Row<F>> | Row<F>;
  /** Throws when the row may not go; takes away what goes with it. */
  leave?(row: Row<F>, call: Call): Promise<void> | void;
}

/** One kind of things that a service keeps. */
export interface Kind<F extends Fields = Fields> extends Traits<F> {
  readonly service: OpenStackService;
  readonly plural: string;
  readonly title: string;
  readonly key: string;
  readonly fields: F;
  readonly table: TableIn<Row<F>>;
}

/** @param name service and singular, such as `neutron network` */
export function kindOf<F extends Fields>(name: string, fields: F, traits: Traits<F>): Kind<F> {
  const [service, key = ''] = name.split(' ') as [OpenStackService, string];
  const [plural, title] = [`${key}s`, key.replace(/^./, (letter) => letter.toUpperCase())];
  return { service, key, plural, title, fields, table: tableOf(`${service}/${plural}`), ...traits };
}

export type Owner = Pick<Base, 'id' | 'project'>;

/** A row whose fields are as `given`, or as they are by default. */
export function newRow<F extends Fields>(fields: F, nowMs: number, owner: Owner, given: Json): Row<F> {
  const base = { createdMs: nowMs, changedMs: nowMs, sinceMs: nowMs, revision: 1, state: '' };
  return { ...base, ...owner, ...readFields(fields, given) };
}

const inState = <R extends Base>(row: R, state: string, sinceMs: number): R =>
  row.state === state ? row : { ...row, state, sinceMs, changedMs: sinceMs };

/** The row as time has made it; in the state `gone` it is no more. */
export function aged<R extends Base>(row: R, passing: Passing = {}, context: ReplicaContext): R {
  const [after, next = ''] = passing[row.state] ?? [];
  const nowMs = context.nowMs();
  return after === undefined || nowMs - row.sinceMs < context.timers[after] ? row : inState(row, next, nowMs);
}

/** What all kinds share: list, show, create, update and delete, with ownership, filters and pages. */
export function routesOf<F extends Fields>(given: Kind<F>): Route[] {
  // Here rows are passed from one function of the kind to the next, which needs no name of their fields.
  const kind = given as unknown as Kind;
  const { service, plural, changeable, detailed, readers = 'reader', writers = 'member' } = kind;
  const { root, updatedBy = 'PUT' } = DIALECTS[service];
  const path = `${root}${service === 'cinder' ? '/:tenant' : ''}/${plural}`;
  const routes = [
    route(readers, `GET ${path}`, (call) => list(kind, call, detailed)),
    route('reader', `GET ${path}/:id`, async (call) => answer(kind, await rowOf(kind, call), call)),
  ];
  if (detailed) routes.push(route(readers, `GET ${path}/detail`, (call) => list(kind, call)));
  if (writers === 'nobody') return routes;
  if (changeable) routes.push(route(writers, `${updatedBy} ${path}/:id`, (call) => update(kind, call)));
  routes.push(route(writers, `POST ${path}`, (call) => create(kind, call)));
  routes.push(route(writers, `DELETE ${path}/:id`, (call) => remove(kind, call)));
  return routes;
}

type AnyRow = Row<Fields>;

/** The rows as time has made them; those that are gone by now are removed. */
async function living({ table, passing }: Kind, context: ReplicaContext): Promise<AnyRow[]> {
  const rows = (await table(context).all()).map((row) => aged(row, passing, context));
  for (const { id, state } of rows) if (state === 'gone') await table(context).remove(id);
  return rows.filter(({ state }) => state !== 'gone');
}

async function list(kind: Kind, call: Call, isBrief = false): Promise<Answer> {
  const { context, query } = call;
  const isWide = isAdmin(call) && (!kind.detailed || /^(1|true)$/i.test(query.get('all_tenants') ?? ''));
  const rows = (await living(kind, context))
    .filter((row) => isWide || row.project === projectOf(call) || kind.isOpen?.(row))
    .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1));
  const views = await Promise.all(rows.map((row) => viewOf(kind, row, call)));
  const asked = views.filter((view) => isAskedFor(view, query));
  const { page, next } = pageOf(call, asked);
  const shown = isBrief ? page.map(({ id, name, links }) => ({ id, name, links })) : page;
  const front = context.frontUrl(kind.service);
  return ok(DIALECTS[kind.service].listed(kind.plural, shown, next, front));
}

/** A query may name any field of the view. Python clients write `True`, and Nova takes names as regular expressions. */
const isAskedFor = (view: Json, query: URLSearchParams): boolean =>
  [...query].every(([field, wanted]) => {
    const words = [wanted, wanted.toLowerCase(), wanted.replace(/^\^|\$$/g, '')];
    return !(field in view) || words.includes(String(view[field]));
  });

/** One page by `limit` and `marker`; `next` is path and query of the page after it. */
function pageOf({ path, query }: Call, rows: readonly Json[]): { page: readonly Json[]; next?: string } {
  const limit = query.get('limit') ?? '1000';
  if (!/^\d+$/.test(limit)) throw new ApiFault(400, `Invalid input for limit: ${limit} is no integer >= 0.`);
  const marker = query.get('marker');
  const before = rows.findIndex((row) => row['id'] === marker);
  if (marker !== null && before < 0) throw new ApiFault(400, `marker [${marker}] not found`);
  const end = before + 1 + (Number(limit) || 1000);
  const page = rows.slice(before + 1, end);
  const rest = new URLSearchParams(query);
  rest.set('marker', String(page.at(-1)?.['id']));
  return end >= rows.length ? { page } : { page, next: `${path}?${rest.toString()}` };
}

async function create(kind: Kind, call: Call): Promise<Answer> {
  const { context } = call;
  const given = bodyOf(call, kind.key);
  const digits = context.token(32);
  const owner = { id: kind.service === 'keystone' ? digits : dashed(digits), project: projectOf(call) };
  const read = newRow(kind.fields, context.nowMs(), owner, given);
  const row = (await kind.make?.(read, call)) ?? read;
  const isTaken = (other: AnyRow): boolean => other['name'] === row['name'];
  if (kind.uniqueName && (await kind.table(context).all()).some(isTaken))
    throw new ApiFault(409, `Duplicate entry found with name ${String(row['name'])}.`);
  await kind.table(context).put(row.id, row);
  return answer(kind, row, call, kind.statuses?.[0] ?? 201);
}

async function update(kind: Kind, call: Call): Promise<Answer> {
  const { id } = await rowOf(kind, call, true);
  const given = bodyOf(call, kind.key);
  const named = kind.changeable?.filter((field) => given[field] !== undefined) ?? [];
  const read = Object.fromEntries(named.map((field) => [field, kind.fields[field]?.(given[field], field)]));
  const changedMs = call.context.nowMs();
  const changed = (row: AnyRow): AnyRow => ({ ...row, ...read, changedMs, revision: row.revision + 1 });
  await kind.table(call.context).change(id, changed);
  return answer(kind, await rowOf(kind, call), call);
}

async function remove(kind: Kind, call: Call): Promise<Answer> {
  const row = await rowOf(kind, call, true);
  await kind.leave?.(row, call);
  const table = kind.table(call.context);
  if (kind.lingers) await table.change(row.id, (now) => inState(now, 'deleting', call.context.nowMs()));
  else await table.remove(row.id);
  return { status: kind.statuses?.[1] ?? 204 };
}

/** The row of the path, or with that id; 404 where the caller may not see it, 403 where it is another's and is to be changed. */
export async function rowOf<F extends Fields>(
  { title, table, passing, isOpen }: Kind<F>,
  call: Call,
  toChange = false,
  id = call.parameters['id'] ?? '',
): Promise<Row<F>> {
  const stored = await table(call.context).find(id);
  const row = stored && aged(stored, passing, call.context);
  const isMine = row?.project === projectOf(call) || isAdmin(call);
  if (row === undefined || row.state === 'gone' || !(isMine || isOpen?.(row)))
    throw new ApiFault(404, `${title} ${id} could not be found.`, `${title}NotFound`);
  if (toChange && !isMine) throw new ApiFault(403, `${id} is not yours to change.`, 'PolicyNotAuthorized');
  return row;
}

async function viewOf(kind: Kind, row: AnyRow, call: Call): Promise<Json> {
  const shown = Object.keys(kind.fields).filter((field) => !kind.hidden?.includes(field));
  const fields = Object.fromEntries(shown.map((field) => [field, row[field]]));
  return { id: row.id, ...fields, ...(await kind.view(row, call)) };
}

async function answer(kind: Kind, row: AnyRow, call: Call, status = 200): Promise<Answer> {
  const view = await viewOf(kind, row, call);
  return ok(kind.key === '' ? view : { [kind.key]: view }, status);
}
