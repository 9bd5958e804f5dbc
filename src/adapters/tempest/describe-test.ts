import type { CaseTag } from '../../model/conformance.ts';
import type { EngineTest } from '../../ports/suite-engine.ts';

/** As Tempest lists them: a dotted name, then its id and its tags in brackets, where it has any. */
const LISTED = /^([\w.]+)\.(\w+)\.(test\w*)((?:\([^)]*\))?)(?:\[([^\]]*)\])?$/;

/**
 * One test from its line in Tempest's list.
 * @returns undefined for a line that is no test.
 */
export function describeTest(line: string): EngineTest | undefined {
  const found = LISTED.exec(line.trim());
  if (found === null) return undefined;
  const [, module = '', type = '', method = '', variant = '', bracket = ''] = found;
  const words = bracket.split(',').filter((word) => word !== '');
  const id = words.find((word) => word.startsWith('id-'));
  const name = `${module}.${type}.${method}${variant}`;
  const suite = `tempest/${module.replace(/^tempest\./, '')}.${type}`;
  return {
    id: line.trim(),
    name: id === undefined ? name : `${name}[${id}]`,
    case: `${suite}/${method}${variant}`,
    suite,
    title: `${method.replace(/^test_/, '').replaceAll('_', ' ')}${variant}`,
    tags: tagsOf(module, words),
  };
}

function tagsOf(module: string, words: readonly string[]): readonly CaseTag[] {
  const tags: CaseTag[] = [];
  if (words.includes('smoke')) tags.push('smoke');
  if (words.includes('negative')) tags.push('negative');
  if (module.includes('.admin.')) tags.push('admin');
  if (module.startsWith('tempest.scenario.')) tags.push('scenario');
  return tags;
}
