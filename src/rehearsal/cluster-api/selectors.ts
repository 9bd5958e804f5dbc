import { at, objectAt } from './json.ts';
import type { KubeObject } from './kube-object.ts';
import { badRequest } from './refusal.ts';

export type Matches = (object: KubeObject) => boolean;

/** By which fields the model's objects can be selected. */
const FIELDS = ['metadata.name', 'metadata.namespace', 'spec.nodeName', 'status.phase', 'type'];

type Read = (object: KubeObject, key: string) => unknown;

const labelOf: Read = ({ metadata }, key) => metadata.labels?.[key];
const fieldOf: Read = (object, key) => at(object, ...key.split('.')) ?? '';

/** What a query selects by labels and fields. @throws Refusal BadRequest. */
export function matcherOf(query: URLSearchParams): Matches {
  const labels = termsOf(query.get('labelSelector') ?? '', labelOf);
  const fields = termsOf(query.get('fieldSelector') ?? '', fieldOf, FIELDS);
  return (object) => [...labels, ...fields].every((matches) => matches(object));
}

/** One of `a=b,c!=d,e,!f`. */
const TERM = /^(!?)([\w./-]+?)(?:(==?|!=)([\w.:/-]*))?$/;

const termsOf = (text: string, read: Read, known?: readonly string[]): readonly Matches[] =>
  (text === '' ? [] : text.split(',')).map((part) => {
    const [, not, key = '', sign, value] = TERM.exec(part.trim()) ?? [];
    if (key === '' || known?.includes(key) === false) throw badRequest(`unable to parse "${part}"`);
    const isWanted = (found: unknown): boolean =>
      sign === undefined ? found !== undefined : found === value;
    return (object) => isWanted(read(object, key)) !== (not === '!' || sign === '!=');
  });

/** By `matchLabels` alone; an absent selector matches nothing, an empty one everything. */
export const selectorMatches = (selector: unknown, labels: Readonly<Record<string, unknown>> = {}): boolean =>
  selector !== undefined &&
  Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value);
