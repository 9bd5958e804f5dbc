import { EXIT } from '../../model/exit-code.ts';
import { planSchema } from '../../plan/index.ts';
import { loadCatalogue } from '../catalogue.ts';
import type { SCHEMAS } from '../lists.ts';
import type { SharedArguments } from '../shared-arguments.ts';

export interface SchemaArguments extends SharedArguments {
  readonly of?: (typeof SCHEMAS)[number];
}

export async function schemaCommand({ of = 'plan' }: SchemaArguments): Promise<number> {
  process.stdout.write(`${JSON.stringify(await schemaOf(of), null, 2)}\n`);
  return EXIT.pass;
}

async function schemaOf(what: (typeof SCHEMAS)[number]): Promise<object> {
  if (what === 'plan') return planSchema(await loadCatalogue());
  const { reportJsonSchema } = await import('../../report/report-schema.ts');
  return reportJsonSchema();
}
