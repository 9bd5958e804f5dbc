import { textAt } from '../object-fields.ts';
import type { Distribution } from './distribution.ts';

/** kind gives its nodes no label of its own, and a provider id that begins with its name. */
export const kind: Distribution = {
  name: 'kind',
  kind: 'kubernetes',
  recognises: (objects) =>
    objects.nodes.some((node) => textAt(node, 'spec', 'providerID')?.startsWith('kind://') === true),
};
