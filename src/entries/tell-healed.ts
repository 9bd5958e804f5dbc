import type { HealedEverything } from './heal-everything.ts';
import type { Settings } from './settings.ts';

/** What was healed and what was not, on stdout: differences as lines of a diff, or all of it as JSON. */
export function tellHealed({ runs, marks, ok }: HealedEverything, { output }: Settings): void {
  if (output === 'json') {
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ok, runs, marks }, null, 2)}\n`);
    return;
  }
  const lines: string[] = [];
  for (const { run, entries, ok: closed, troubles } of runs) {
    lines.push(`run ${run}: ${closed ? 'nothing is open' : 'something is still open (healing)'}`);
    for (const { entry, verification } of entries) {
      lines.push(`  ${entry.step} (${entry.fault}): ${verification.says}`);
      lines.push(...verification.differences.map((difference) => `    ${difference}`));
    }
    lines.push(...troubles.map((trouble) => `  ${trouble}`));
  }
  for (const { lab, healed, left, spared, troubles } of marks) {
    lines.push(...healed.map((says) => `lab ${lab}: ${says}: healed by its mark`));
    lines.push(...left.map((says) => `lab ${lab}: still there (healing): ${says}`));
    lines.push(...spared.map((says) => `lab ${lab}: ${says}: left to a run that is going on, or may be`));
    lines.push(...troubles.map((trouble) => `lab ${lab}: ${trouble}`));
  }
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}
