import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../model/errors.ts';
import type { LabByHand } from '../../ports/lab.ts';
import { logsFolder } from './lab-record.ts';
import type { LabTools } from './lab-tools.ts';
import { known, runningNodes } from './node-exec.ts';
import { containerOf } from './shape.ts';

/** What the units of a node wrote, and then what each of its pods wrote last. */
const tellAll = (lines: number): string =>
  `journalctl --no-pager --lines=${lines} 2>&1; tail --verbose --lines=${Math.ceil(lines / 10)} /var/log/pods/*/*/*.log 2>/dev/null`;

/** Keeps what every running node wrote, beside what the steps wrote; never throws, for it is called when something else failed. */
export async function collectLogs(tools: LabTools): Promise<void> {
  const nodes = await runningNodes(tools).catch(() => []);
  await Promise.all(
    nodes.map(async (node) => {
      try {
        const { stdout } = await tools.engine.exec(containerOf(node), ['/bin/sh', '-c', tellAll(400)]);
        mkdirSync(logsFolder(tools.folder), { recursive: true, mode: 0o700 });
        writeFileSync(join(logsFolder(tools.folder), `${node}.log`), stdout, { mode: 0o600 });
      } catch {
        // Its log is not worth more than the reason for which it is collected.
      }
    }),
  );
}

export function byHandOf(tools: LabTools): LabByHand {
  const folder = logsFolder(tools.folder);
  return {
    async logs(node, lines) {
      if (node === undefined) return stepLogs(folder, lines);
      if (!(await runningNodes(tools)).includes(known(node).name))
        return stepLogs(folder, lines, `${node}.log`);
      const { stdout } = await tools.engine.exec(containerOf(node), ['/bin/sh', '-c', tellAll(lines)]);
      return stdout;
    },
    async shell(node) {
      if (!(await runningNodes(tools)).includes(known(node).name))
        throw new HarnessError('SQ_LAB', `The node ${node} does not run, so there is no shell on it.`);
      return tools.engine.interactive(containerOf(node), ['/bin/bash', '--login']);
    },
  };
}

/** @throws SQ_LAB_ABSENT when nothing was kept. */
function stepLogs(folder: string, lines: number, only?: string): string {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const wanted = names.filter((name) => only === undefined || name === only);
  if (wanted.length === 0) throw new HarnessError('SQ_LAB_ABSENT', 'There are no logs of the reference lab.');
  return wanted
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
      return `==> ${join(folder, name)} <==\n${text}`;
    })
    .join('\n\n');
}
