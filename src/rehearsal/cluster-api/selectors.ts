import { at, listAt, objectAt, textAt } from './json.ts';
import type { KubeObject } from './object-client.ts';
import { Refusal } from './refusal.ts';

export type Matches = (object: KubeObject) => boolean;

interface Requirement {
  readonly key: string;
  /** Any value will do when there are none. */
  readonly values: readonly string[];
  /** Fits what does not have it instead. */
  readonly not: boolean;
}

/** One requirement of `a=b,c!=d,e in (f, g),h notin (i),j,!k`, and the comma after it. */
const TERM = /^(!?)([\w./-]+)(?:\s*(==?|!=)\s*([\w.:/-]*)|\s+(in|notin)\s*\(([^()]*)\))?\s*(?:,\s*|$)/;

function requirementsOf(text: string): readonly Requirement[] {
  const found: Requirement[] = [];
  for (let rest = text.trim(); rest !== '';) {
    const term = TERM.exec(rest);
    if (term === null) throw new Refusal('BadRequest', `unable to parse requirement: "${rest}"`);
    const [whole, not, key = '', sign, value = '', set, list = ''] = term;
    const some = set === undefined ? [] : list.split(',').map((each) => each.trim());
    const values = sign === undefined ? some : [value];
    found.push({ key, values, not: not === '!' || sign === '!=' || set === 'notin' });
    rest = rest.slice(whole.length);
  }
  return found;
}

const meets = (value: unknown, { values, not }: Requirement): boolean =>
  (value !== undefined && (values.length === 0 || values.includes(String(value)))) !== not;

/** By which fields the model's objects can be selected. */
const FIELDS = ['metadata.name', 'metadata.namespace', 'spec.nodeName', 'status.phase', 'type'];

/** What a query selects by labels and fields. @throws Refusal BadRequest. */
export function matcherOf(query: URLSearchParams): Matches {
  const labels = requirementsOf(query.get('labelSelector') ?? '');
  const fields = requirementsOf(query.get('fieldSelector') ?? '');
  const unknown = fields.find(({ key }) => !FIELDS.includes(key));
  if (unknown !== undefined)
    throw new Refusal('BadRequest', `"${unknown.key}" is not a known field selector`);
  return (object) =>
    labels.every((each) => meets(object.metadata.labels?.[each.key], each)) &&
    fields.every((each) => meets(at(object, ...each.key.split('.')) ?? '', each));
}

/** The selector of an object; nothing is matched by an absent one, everything by an empty one. */
export function selectorMatches(selector: unknown, labels: Readonly<Record<string, unknown>> = {}): boolean {
  const expressions = listAt(selector, 'matchExpressions').map((each): Requirement => {
    const not = ['NotIn', 'DoesNotExist'].includes(textAt(each, 'operator') ?? '');
    return { key: textAt(each, 'key') ?? '', values: listAt(each, 'values').map(String), not };
  });
  const equal = Object.entries(objectAt(selector, 'matchLabels')).every(
    ([key, value]) => labels[key] === value,
  );
  return selector !== undefined && equal && expressions.every((each) => meets(labels[each.key], each));
}
