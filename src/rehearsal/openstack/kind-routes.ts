import { route } from './api-service.ts';
import type { Route } from './api-service.ts';
import {
  ApiFault,
  bodyOf,
  filtered,
  isAdmin,
  nothing,
  ok,
  pageOf,
  projectOf,
  stamp,
  textOf,
} from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { conflict, notFound, QUOTA, refusal } from './network-kinds.ts';
import type { Kind } from './network-kinds.ts';
import { defaultGroup, networkTables } from './network-tables.ts';
import type { GroupRow, NetworkRow, PortRow, RouterRow, RuleRow, SubnetRow } from './network-tables.ts';
import type { Records } from './records.ts';

type AnyRow = NetworkRow | SubnetRow | PortRow | GroupRow | RuleRow | RouterRow;

interface Door<Row> {
  readonly table: (call: Call) => Records<Row>;
  readonly shown: (call: Call, row: Row) => Promise<Json>;
  /** The row of the path; 404 where the caller may not see it, or may not change it and wants to. */
  readonly one: (call: Call, toChange: boolean) => Promise<Row>;
  readonly list: (call: Call) => Promise<Answer>;
}

/** How the rows of one kind are found and shown, with ownership and pages. */
function doorOf<Row extends AnyRow>(kind: Kind<Row>): Door<Row> {
  const key = kind.plural.replaceAll('-', '_');
  const table = (call: Call): Records<Row> => kind.table(networkTables(call.context));
  const shown = async (call: Call, row: Row): Promise<Json> => {
    const whole: Json = { ...(await kind.view(row, networkTables(call.context))), tenant_id: row.project_id };
    const fields = call.query.getAll('fields');
    return fields.length === 0
      ? whole
      : Object.fromEntries(Object.entries(whole).filter(([field]) => fields.includes(field)));
  };
  const seen = (call: Call, row: Row): boolean =>
    isAdmin(call) ||
    row.project_id === projectOf(call) ||
    ('shared' in row && (row.shared || row['router:external']));
  const one = async (call: Call, toChange: boolean): Promise<Row> => {
    const { id = '' } = call.parameters;
    const row = await table(call).find(id);
    if (row === undefined || !seen(call, row)) throw notFound(kind.title, id);
    if (toChange && !isAdmin(call) && row.project_id !== projectOf(call)) throw notFound(kind.title, id);
    return row;
  };
  const list = async (call: Call): Promise<Answer> => {
    if (kind.plural === 'security-groups' && projectOf(call) !== '')
      await defaultGroup(call.context, projectOf(call));
    const own = (await table(call).all())
      .filter((row) => seen(call, row))
      .map((row) => ({ ...row, tenant_id: row.project_id }));
    const { page, next } = pageOf(call, filtered(call, own, kind.filters));
    const href = `${call.context.frontUrl('neutron')}/v2.0/${kind.plural}?${next}`;
    const rows = await Promise.all(page.map((row) => shown(call, row)));
    return ok({ [key]: rows, ...(next && { [`${key}_links`]: [{ rel: 'next', href }] }) });
  };
  return { table, shown, one, list };
}

/** Everything that all kinds share: list, show, create, update, delete. */
export function routesOf<Row extends AnyRow>(kind: Kind<Row>): Route[] {
  const singular = kind.plural.replace(/s$/, '').replaceAll('-', '_');
  const { table, shown, one, list } = doorOf(kind);
  const create = async (call: Call): Promise<Answer> => {
    const given = bodyOf(call, singular);
    const project = textOf(given, 'project_id', {
      fallback: textOf(given, 'tenant_id', { fallback: projectOf(call) }),
    });
    if (project !== projectOf(call) && !isAdmin(call))
      throw new ApiFault(403, refusal(`create_${singular}`), 'PolicyNotAuthorized');
    const used = (await table(call).all()).filter((row) => row.project_id === project).length;
    if (used >= QUOTA[kind.quota])
      throw conflict('OverQuota', `Quota exceeded for resources: ['${kind.quota}'].`);
    const row = await kind.make(call, given, project);
    await table(call).put(row.id, row);
    return ok({ [singular]: await shown(call, row) }, 201);
  };
  const update = async (call: Call): Promise<Answer> => {
    const before = await one(call, true);
    const given = bodyOf(call, singular);
    const after = await table(call).change(before.id, (row) => ({
      ...row,
      ...kind.change(row, given),
      name: textOf(given, 'name', { fallback: row.name }),
      description: textOf(given, 'description', { fallback: row.description }),
      updated_at: stamp(call.context.nowMs()),
      revision_number: row.revision_number + 1,
    }));
    return ok({ [singular]: await shown(call, after ?? before) });
  };
  const path = `/v2.0/${kind.plural}`;
  return [
    route('GET', path, 'reader', `get_${singular}`, list),
    route('POST', path, 'member', `create_${singular}`, create),
    route('GET', `${path}/:id`, 'reader', `get_${singular}`, async (call) =>
      ok({ [singular]: await shown(call, await one(call, false)) }),
    ),
    route('PUT', `${path}/:id`, 'member', `update_${singular}`, update),
    route('DELETE', `${path}/:id`, 'member', `delete_${singular}`, async (call) => {
      const row = await one(call, true);
      await kind.leave(row, call);
      await table(call).remove(row.id);
      return nothing();
    }),
  ];
}
