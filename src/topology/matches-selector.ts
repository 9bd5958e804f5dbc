import { field, listAt, textAt, textsAt } from './object-fields.ts';

/** A Kubernetes label selector (`matchLabels` and `matchExpressions`) against labels. An empty selector matches everything, none matches nothing. */
export function matchesSelector(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (typeof selector !== 'object' || selector === null) return false;
  const wanted = Object.entries(textsAt(selector, 'matchLabels'));
  if (!wanted.every(([name, value]) => labels[name] === value)) return false;
  return listAt(selector, 'matchExpressions').every((expression) => matchesExpression(expression, labels));
}

function matchesExpression(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, 'key') ?? ''];
  const values = listAt(expression, 'values');
  switch (field(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
