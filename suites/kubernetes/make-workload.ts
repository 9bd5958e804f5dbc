import {
  inside,
  podTemplate,
  type CaseContext,
  type Fields,
  type Placed,
} from '../../src/conformance/index.ts';

/** What keeps pods, and how its name begins. */
export interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly named: string;
  /** What its spec has beside a selector and a plain template, or in their place. */
  readonly spec: (name: string) => Fields;
}

/** Makes a workload whose pods carry the label `app` with its name. */
export async function makeWorkload(
  context: CaseContext,
  home: string,
  { kind, named, spec }: Workload,
): Promise<Placed> {
  const name = context.names.fresh(named);
  const labels = { app: name };
  const collection = inside(home, `${kind.toLowerCase()}s`, 'apps/v1');
  await context.make.object(collection, {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, labels },
    spec: { selector: { matchLabels: labels }, template: podTemplate(context, labels), ...spec(name) },
  });
  return { name, path: `${collection}/${name}` };
}
