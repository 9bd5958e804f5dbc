import { EXIT } from '../../model/exit-code.ts';
import { planSchema } from '../../plan/index.ts';
import { loadCatalogue } from '../catalogue.ts';

export async function schemaCommand(): Promise<number> {
  process.stdout.write(`${JSON.stringify(planSchema(await loadCatalogue()), null, 2)}\n`);
  return EXIT.pass;
}
