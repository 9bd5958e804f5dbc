import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openLab } from '../../src/entries/compose-world.ts';
import { ownCommandLine } from '../../src/entries/own-command-line.ts';

describe('the command line that a run records', () => {
  it('is as typed but for the word of a protected context and for credentials', () => {
    const typed = ['run', 'first-run', '--word', 'close the shop', '--set', 'token=abcdefgh', '--seed', '42'];
    expect(ownCommandLine(typed).join(' ')).to.equal(
      'squall run first-run --word *** --set token=*** --seed 42',
    );
    expect(ownCommandLine(['run', '--word=close the shop', '--', '--word', 'x'])).to.deep.equal([
      'squall',
      'run',
      '--word=***',
      '--',
      '--word',
      'x',
    ]);
  });

  it('is what a run is given of it', async () => {
    const { argv } = process;
    const { XDG_STATE_HOME } = process.env;
    const home = await mkdtemp(join(tmpdir(), 'squall-line-'));
    process.env['XDG_STATE_HOME'] = home;
    process.argv = [...argv.slice(0, 2), 'run', '--word', 'close the shop'];
    try {
      const settings = { lab: 'rehearsal', set: {}, outputDir: home, dryRun: false, yes: true } as const;
      const { base } = await openLab({ ...settings, output: 'table', logLevel: 'silent' });
      expect(base.self.commandLine).to.deep.equal(['squall', 'run', '--word', '***']);
    } finally {
      process.argv = argv;
      if (XDG_STATE_HOME === undefined) delete process.env['XDG_STATE_HOME'];
      else process.env['XDG_STATE_HOME'] = XDG_STATE_HOME;
      await rm(home, { recursive: true, force: true });
    }
  });
});
