import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { describeError, HarnessError } from '../model/errors.ts';
import { indexLines } from '../plan/line-index.ts';
import { writePath, type Finding } from '../plan/problem.ts';
import { readWith } from '../plan/read-with.ts';
import { YamlWalk } from '../plan/yaml-walk.ts';

const Patterns = z.array(z.string().min(1)).optional();

/** A word that is said by accident is none. */
const SHORTEST_WORD = 8;

const Existing = z.strictObject({
  allow: Patterns,
  protected: Patterns,
  words: z.record(z.string(), z.string().min(SHORTEST_WORD)).optional(),
  'test-image': z.string().min(1).optional(),
  'probe-image': z.string().min(1).optional(),
  'node-access': z
    .strictObject({ image: z.string().min(1), 'pull-secret': z.string().min(1).optional() })
    .optional(),
});

/** The user's own settings; what each means stands in docs/settings.md. */
const UserFileSchema = z.strictObject({
  lab: z.string().optional(),
  seed: z.coerce.string().optional(),
  'output-dir': z.string().optional(),
  output: z.enum(['table', 'json']).optional(),
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  'os-cloud': z.string().optional(),
  'log-level': z.enum(['silent', 'warn', 'info', 'debug']).optional(),
  existing: Existing.optional(),
  protected: z
    .strictObject({ namespaces: Patterns.unwrap().default([]), nodes: Patterns.unwrap().default([]) })
    .optional(),
});

/** Everything that the file may name at its top. */
export const USER_FILE_KEYS: readonly string[] = Object.keys(UserFileSchema.shape);

export type UserFile = z.infer<typeof UserFileSchema>;

/** @returns nothing set where the file is not there. @throws SQ_CONFIG_INVALID */
export async function readUserFile(path: string): Promise<UserFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new HarnessError('SQ_CONFIG_INVALID', `${path} cannot be read: ${describeError(error)}.`, {
      cause: error,
      remedy: 'Make it a file that you may read, or take it away: it need not be there.',
    });
  }
  return parseUserFile(text, path);
}

/**
 * @param path of the file, for messages.
 * @throws SQ_CONFIG_INVALID with every mistake as `file:line:column path: says`.
 */
export function parseUserFile(text: string, path: string): UserFile {
  const place = indexLines(text);
  const mistake = (offset: number, says: string): string => {
    const { line, column } = place(offset);
    return `${path}:${line}:${column} ${says}`;
  };
  const refuse = (mistakes: readonly string[]): never => {
    throw new HarnessError('SQ_CONFIG_INVALID', mistakes.join('\n'), {
      remedy: 'Mend the places that are named; docs/settings.md says what the file may hold.',
    });
  };
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0)
    return refuse(
      document.errors.map(({ pos: [offset], message }) => mistake(offset, `is not YAML: ${message}`)),
    );
  const findings: Finding[] = [];
  const walk = new YamlWalk(findings, (offset, says) => refuse([mistake(offset, says)]));
  const data = walk.dataOf(document.contents, []);
  const settings = readWith(UserFileSchema, data ?? {}, [], findings);
  if (settings !== undefined && findings.length === 0) return settings;
  return refuse(
    findings.map((finding) =>
      mistake(
        walk.offsetOf(finding),
        `${finding.path.length === 0 ? 'the file' : writePath(finding.path)}: ${finding.says}`,
      ),
    ),
  );
}
