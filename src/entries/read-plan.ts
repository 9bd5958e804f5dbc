import { readFile, stat } from 'node:fs/promises';
import { describeError, HarnessError } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import { probablyMeant } from '../plan/did-you-mean.ts';
import { loadPlan } from '../plan/index.ts';
import { loadCatalogue } from './catalogue.ts';
import { bundledPlans, showPath } from './places.ts';

/** Far above any plan that a person writes; the loader refuses what is larger than its own, lower limit with a place. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** Reads and checks a plan, by its path or by the name of one that comes with Squall. */
export async function readPlan(
  nameOrPath: string,
  set: Readonly<Record<string, string>>,
): Promise<{ readonly plan: Plan; readonly text: string; readonly file: string }> {
  const bundled = bundledPlans().find(({ name }) => name === nameOrPath);
  const path = bundled?.path ?? nameOrPath;
  const file = showPath(path, process.cwd());
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > LARGEST_FILE) throw new Error(`it has ${size} bytes, which no plan needs`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(nameOrPath, file, error);
  }
  return { plan: loadPlan(text, { file, catalogue: await loadCatalogue(), set }), text, file };
}

/** A word that is no path was most likely meant as the name of a plan that comes with Squall. */
function unreadable(nameOrPath: string, file: string, cause: unknown): HarnessError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  if (!missing)
    return new HarnessError(
      'SQ_PLAN_UNREADABLE',
      `The plan ${file} cannot be read: ${describeError(cause)}.`,
      {
        cause,
      },
    );
  if (/[/\\]|\.ya?ml$/.test(nameOrPath))
    return new HarnessError('SQ_PLAN_UNREADABLE', `There is no plan file ${file}.`, { cause });
  const names = bundledPlans().map(({ name }) => name);
  const meant = probablyMeant(nameOrPath, names);
  const says = `There is no file ${file}, and no plan of that name comes with Squall`;
  return new HarnessError(
    'SQ_PLAN_UNREADABLE',
    meant === undefined ? `${says}.` : `${says}: did you mean "${meant}"?`,
    {
      cause,
    },
  );
}
