import { ApiFault, filtered, ok } from './call.ts';
import type { Answer, Call, Json } from './call.ts';

export const urlOf = (call: Call, path: string): string => `${call.context.frontUrl('keystone')}/v3${path}`;
export const linked = (call: Call, path: string, row: Json): Json => ({
  ...row,
  links: { self: urlOf(call, path) },
});

export const listed = (
  call: Call,
  key: string,
  rows: readonly object[],
  fields: readonly string[] = [],
): Answer =>
  ok({
    [key]: filtered(call, rows, fields).map((row) =>
      linked(call, `/${key}/${String((row as Json)['id'])}`, row as Json),
    ),
    links: { next: null, previous: null, self: urlOf(call, `/${key}`) },
  });

export const missing = (kind: string, id: string): ApiFault =>
  new ApiFault(404, `Could not find ${kind}: ${id}.`);

export const present = <Row>(row: Row | undefined, kind: string, id: string): Row => {
  if (row === undefined) throw missing(kind, id);
  return row;
};

export function refusal(rule: string): string {
  return `You are not authorized to perform the requested action: ${rule}.`;
}
