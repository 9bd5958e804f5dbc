import { isMap, isScalar, parseDocument, type Node, type YAMLError, type YAMLMap } from 'yaml';
import { checkShape } from './check-shape.ts';
import { indexLines } from './line-index.ts';
import { PlanParameters } from './plan-parameters.ts';
import { planInvalid, writePath, type Finding, type Problem } from './problem.ts';
import { YamlWalk, type Refuse } from './yaml-walk.ts';

/** A plan as data, and where each part of it stands in the file. */
export interface PlanSource {
  /** Plain objects, lists and scalars; parameters are put in. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The parameters after `--set`, as text. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The comment that opens the file, on one line; empty when there is none. */
  readonly opening: string;
  /** Mistakes found on the way: keys given twice, unknown parameters. */
  readonly findings: readonly Finding[];
  /** Gives a finding its line and column: those of its own place, or of the nearest thing around it. */
  readonly locate: (finding: Finding) => Problem;
}

/**
 * Reads the text of a plan.
 * @throws SQ_PLAN_INVALID when it is no YAML, not one document, not a mapping, or nothing that a person would have written.
 */
export function readPlanSource(
  text: string,
  file: string,
  set: Readonly<Record<string, string>>,
): PlanSource {
  const place = indexLines(text);
  const problemAt = (offset: number, says: string): Problem => ({
    file,
    ...place(offset),
    path: writePath([]),
    says,
  });
  const refuse = (offset: number, says: string): never => {
    throw planInvalid([problemAt(offset, says)]);
  };
  const root = parseMapping(text, problemAt, refuse);

  const findings: Finding[] = [];
  const parameters = new PlanParameters(findings);
  const walk = new YamlWalk(findings, refuse);
  const section = root.items.find((pair) => isScalar(pair.key) && pair.key.value === 'parameters')?.value;
  parameters.declare(section ? walk.dataOf(section as Node, ['parameters']) : undefined);
  parameters.set(set);
  // The section was walked once already, so its own findings come from the first walk only.
  const data = walk.dataOf(root, [], (scalar, path) => {
    return path[0] === 'parameters' ? scalar : parameters.insert(scalar, path);
  });
  const locate = (finding: Finding): Problem => {
    return { file, ...place(walk.offsetOf(finding)), path: writePath(finding.path), says: finding.says };
  };
  return {
    data: data as Readonly<Record<string, unknown>>,
    parameters: parameters.asText(),
    opening: openingComment(text),
    findings,
    locate,
  };
}

type ProblemAt = (offset: number, says: string) => Problem;

function parseMapping(text: string, problemAt: ProblemAt, refuse: Refuse): YAMLMap {
  const trouble = checkShape(text);
  if (trouble) return refuse(trouble.offset, trouble.says);
  // Keys are compared by the walk: the parser compares each with each, which takes minutes for a large mapping.
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false });
  const mistakes: readonly YAMLError[] = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    throw planInvalid(
      mistakes.slice(0, 100).map((mistake) => problemAt(mistake.pos[0], describeMistake(mistake))),
    );
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return refuse(0, 'the file is empty');
  if (!isMap(root))
    return refuse(root.range?.[0] ?? 0, 'is not a mapping that begins with apiVersion and kind');
  return root;
}

function describeMistake(mistake: YAMLError): string {
  if (mistake.code === 'MULTIPLE_DOCS') return 'the file holds several documents, and a plan is one';
  if (mistake.code === 'TAB_AS_INDENT') return 'a tab stands where YAML wants spaces';
  if (mistake.code === 'RESOURCE_EXHAUSTION') return 'values are nested too deeply';
  const says = mistake.message.split('\n')[0]?.trim() ?? '';
  return `is not YAML: ${says.charAt(0).toLowerCase()}${says.slice(1)}`;
}

/** The comment block before anything else, without marks for editors such as `yaml-language-server`. */
function openingComment(text: string): string {
  const said: string[] = [];
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    if (line.trim() === '' && said.length === 0) continue;
    const comment = /^#+\s?(.*)$/.exec(line)?.[1];
    if (comment === undefined) break;
    if (!/^\s*yaml-language-server\s*:/.test(comment)) said.push(comment.trim());
  }
  return said.join(' ').replace(/\s+/g, ' ').trim();
}
