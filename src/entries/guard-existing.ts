import { HarnessError } from '../model/errors.ts';
import type { LabConnection } from '../ports/lab.ts';
import type { Settings } from './settings.ts';

/**
 * Lets a run on an existing lab go on only against what its user may act on. The context that was judged is the one that is used:
 * it is named from here on, so that no other program changes it underneath.
 * @param argv the command line as typed: a word in a variable of the environment would be said once and for ever.
 * @throws SQ_CONTEXT_REFUSED
 */
export async function guardExisting(
  settings: Settings,
  argv: readonly string[] = process.argv.slice(2),
): Promise<Settings> {
  if (settings.lab !== 'existing') return settings;
  const { createExistingLab } = await import('../labs/existing/existing-lab.ts');
  const { judgeAim } = await import('../labs/existing/judge-aim.ts');
  const { kubeconfig, context, osCloud } = settings;
  const connection = await createExistingLab({
    environment: process.env,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(osCloud === undefined ? {} : { cloud: osCloud }),
  }).connection();
  const target = await targetOf(connection);
  const aim = { ...target, ...(connection.cloud === undefined ? {} : { cloud: connection.cloud }) };
  const judgement = judgeAim(aim, settings.existing ?? {});
  if (judgement.kind === 'refused')
    throw new HarnessError('SQ_CONTEXT_REFUSED', judgement.says, { remedy: judgement.remedy });
  if (judgement.kind === 'protected') await askForWord(judgement.says, judgement.word, argv);
  return target.context === undefined ? settings : { ...settings, context: target.context };
}

async function targetOf(
  connection: LabConnection,
): Promise<{ readonly context?: string; readonly server?: string }> {
  if (connection.kubeconfig === undefined) return {};
  const { chooseContext } = await import('../adapters/kubernetes/kubeconfig.ts');
  const { context, server } = await chooseContext(connection, process.env);
  return { context, server: new URL(server).hostname };
}

async function askForWord(says: string, word: string, argv: readonly string[]): Promise<void> {
  const said = wordIn(argv) ?? (await typedWord(says));
  if (said === word) return;
  throw new HarnessError(
    'SQ_CONTEXT_REFUSED',
    said === undefined ? says : `${says} The word that was said is not its word.`,
    {
      remedy:
        'Say the word of it that stands under `existing.words` of the configuration file, with `--word`. `--yes` does not stand for it.',
    },
  );
}

/** `--word x` or `--word=x`, the last one. */
export function wordIn(argv: readonly string[]): string | undefined {
  let word: string | undefined;
  for (const [index, each] of argv.entries()) {
    if (each === '--') break;
    if (each.startsWith('--word=')) word = each.slice('--word='.length);
    else if (each === '--word') word = argv[index + 1] ?? word;
  }
  return word;
}

/** undefined when there is nobody to ask. */
async function typedWord(says: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${says} Its word: `)).trim();
  } finally {
    terminal.close();
  }
}
