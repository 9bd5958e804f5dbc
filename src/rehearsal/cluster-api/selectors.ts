import { at, listAt, textAt, textsAt } from './json.ts';
import { badRequest } from './refusal.ts';
import type { KubeObject } from './object-client.ts';

export type Matches = (object: KubeObject) => boolean;

interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt';
  readonly values: readonly string[];
}

const KEY = '(?:[a-zA-Z0-9.-]+/)?[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?';
const VALUE = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?)?';
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(\\s*([^()]*)\\)$`);
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=|>|<)\\s*(${VALUE})$`);
const PRESENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

/** @throws Refusal BadRequest when the text is no label selector. */
export function labelMatcher(text: string): Matches {
  const requirements = splitOutside(text).map((part) => parseRequirement(part, text));
  return ({ metadata }) => requirements.every((each) => meets(each, metadata.labels ?? {}));
}

/** Commas inside of parentheses separate values and no requirements. */
function splitOutside(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= text.length; index += 1) {
    const letter = text[index];
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === undefined || (letter === ',' && depth === 0)) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return parts.length === 1 && parts[0] === '' ? [] : parts;
}

function parseRequirement(part: string, whole: string): Requirement {
  const set = SET.exec(part);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return { key: set[1] ?? '', operator: set[2] === 'in' ? 'in' : 'notin', values };
  }
  const equality = EQUALITY.exec(part);
  if (equality !== null) {
    const operator = ({ '!=': 'notin', '>': 'gt', '<': 'lt' } as const)[equality[2] ?? ''] ?? 'in';
    return { key: equality[1] ?? '', operator, values: [equality[3] ?? ''] };
  }
  const presence = PRESENCE.exec(part);
  if (presence !== null)
    return { key: presence[2] ?? '', operator: presence[1] === '!' ? 'absent' : 'exists', values: [] };
  throw badRequest(`unable to parse requirement: "${part}" in the selector "${whole}"`);
}

function meets({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'gt':
      return Number(value) > Number(values[0]);
    case 'lt':
      return Number(value) < Number(values[0]);
  }
}

/** @throws Refusal BadRequest when the text is no field selector, or names a field that this kind cannot be selected by. */
export function fieldMatcher(text: string, plural: string): Matches {
  const terms = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const found = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(part);
      if (found === null) throw badRequest(`invalid selector: "${text}"; can't understand "${part}"`);
      const field = found[1] ?? '';
      if (!isSelectable(field, plural))
        throw badRequest(`"${field}" is not a known field selector of ${plural}`);
      return { field, equal: found[2] !== '!=', value: found[3] ?? '' };
    });
  return (object) => terms.every(({ field, equal, value }) => (fieldText(object, field) === value) === equal);
}

const SELECTABLE: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'status.podIP'],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  events: [
    'involvedObject.kind',
    'involvedObject.name',
    'involvedObject.namespace',
    'involvedObject.uid',
    'reason',
    'type',
  ],
  replicasets: ['status.replicas'],
};

const isSelectable = (field: string, plural: string): boolean =>
  field === 'metadata.name' || field === 'metadata.namespace' || SELECTABLE[plural]?.includes(field) === true;

function fieldText(object: KubeObject, field: string): string {
  const value = at(object, ...field.split('.'));
  if (field === 'spec.unschedulable') return String(value === true);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** `matchLabels` and `matchExpressions` of a workload; nothing is matched by an absent selector, everything by an empty one. */
export function selectorMatches(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (selector === undefined) return false;
  const equal = Object.entries(textsAt(selector, 'matchLabels')).every(
    ([key, value]) => labels[key] === value,
  );
  const operators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: 'absent' } as const;
  return (
    equal &&
    listAt(selector, 'matchExpressions').every((each) => {
      const operator = operators[(textAt(each, 'operator') ?? '') as keyof typeof operators];
      const values = listAt(each, 'values').map(String);
      return meets({ key: textAt(each, 'key') ?? '', operator, values }, labels);
    })
  );
}
