import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a script did on a node whose programs are the given ones. */
export interface ScriptEnd {
  readonly code: number | null;
  readonly stdout: string;
  /** Calls of programs, in order. */
  readonly calls: readonly string[];
}

/** Runs a script of ours where each of these programs notes its call and then does as its own lines of shell say. */
export function onScriptedNode(script: string, programs: Readonly<Record<string, string>>): ScriptEnd {
  const folder = mkdtempSync(join(tmpdir(), 'squall-node-'));
  const log = join(folder, 'calls');
  writeFileSync(log, '');
  try {
    for (const [name, lines] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${lines}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const { status, stdout } = spawnSync('/bin/sh', ['-c', script], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    });
    const calls = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return { code: status, stdout, calls };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
