import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { installTempest } from '../../../src/adapters/tempest/install-tempest.ts';
import { TEMPEST } from '../../../src/adapters/tempest/tempest-version.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import type { CommandOrder, CommandResult } from '../../../src/ports/run-command.ts';

type Answer = Partial<CommandResult>;

/** A machine that is asked for its Python, a virtual environment, a package, and whether that starts. */
interface Machine {
  readonly version?: Answer;
  readonly venv?: Answer;
  readonly pip?: Answer | Error;
  readonly starts?: Answer;
}

const WORKING: Required<Machine> = {
  version: { stdout: '3.12\n' },
  venv: {},
  pip: { stdout: 'Collecting tempest==47.0.0\nCollecting stestr\n' },
  starts: { stdout: `tempest ${TEMPEST.version}\n` },
};

describe('installing Tempest', () => {
  let cacheFolder: string;
  const signal = new AbortController().signal;

  beforeEach(async () => {
    cacheFolder = await mkdtemp(join(tmpdir(), 'squall-install-'));
  });
  afterEach(() => rm(cacheFolder, { recursive: true, force: true }));

  async function install(machine: Machine, interpreter?: string) {
    const asked: string[] = [];
    const told: string[] = [];
    const answerOf = async ({ program, arguments: words, onLine }: CommandOrder): Promise<Answer> => {
      const has = (word: string): boolean => words.some((one) => one.includes(word));
      const does = has('version_info') ? 'version' : has('venv') ? 'venv' : has('pip') ? 'pip' : 'starts';
      asked.push(`${does} ${program.startsWith(cacheFolder) ? 'own' : program}`);
      const answer = { ...WORKING, ...machine }[does];
      if (answer instanceof Error) throw answer;
      if (does === 'venv' && (answer.code ?? 0) === 0)
        await mkdir(join(words.at(-1) ?? '', 'bin'), { recursive: true });
      for (const line of answer.stdout?.split('\n') ?? []) onLine?.(line);
      return answer;
    };
    const runCommand = async (order: CommandOrder): Promise<CommandResult> => ({
      code: 0,
      stdout: '',
      stderr: '',
      ...(await answerOf(order)),
    });
    const outcome = await installTempest(
      { cacheFolder, runCommand, ...(interpreter === undefined ? {} : { interpreter }) },
      (says) => void told.push(says),
      signal,
    ).then(
      ({ python }) => ({ python }),
      (error: unknown) => ({ error: error as HarnessError }),
    );
    return { asked, told, ...outcome };
  }

  const foldersLeft = (): Promise<string[]> => readdir(join(cacheFolder, 'tempest')).catch(() => []);
  const refusalOf = (
    found: object,
  ): { readonly code: string; readonly message: string; readonly remedy: string } => {
    if ('error' in found && found.error instanceof HarnessError) return found.error;
    throw new Error('It was not refused.');
  };

  it('makes an environment once, with the versions that are pinned, and says what it does', async () => {
    const first = await install({});
    expect('python' in first && first.python).to.include(join('tempest', `${TEMPEST.version}-`));
    expect(first.asked).to.deep.equal(['version python3', 'venv python3', 'pip own', 'starts own']);
    expect(first.told.join('\n'))
      .to.match(/once/)
      .and.match(/installing stestr/);
    const second = await install({});
    expect(second.asked).to.deep.equal(['starts own']);
    expect(second).to.have.property('python', 'python' in first && first.python);
    expect(second.told).to.deep.equal([]);
  });

  it('makes a new one where the old one does not start any more', async () => {
    await install({});
    await writeFile(join(cacheFolder, 'tempest', `${TEMPEST.version}.json`), '{"python":"/nowhere/python"}');
    const again = await install({ starts: { code: 127 } });
    expect(again.asked).to.include('pip own');
    refusalOf(again);
  });

  it('refuses a machine without Python, or with one that is too old, and names what it found', async () => {
    const none = refusalOf(await install({ version: { code: 127 } }));
    expect(none.code).to.equal('SQ_ENGINE');
    expect(none.message).to.match(/needs Python 3\.10 or newer: python3 is not there/);
    expect(none.remedy)
      .to.match(/--python/)
      .and.match(/--engine/);
    const old = refusalOf(await install({ version: { stdout: '3.9\n' } }));
    expect(old.message).to.include('python3 is Python 3.9, python is Python 3.9');
    const two = refusalOf(await install({ version: { stdout: '2.11\n' } }));
    expect(two.message).to.include('Python 2.11');
  });

  it('takes the interpreter that is named, and no other', async () => {
    expect((await install({}, '/opt/python3.12')).asked[0]).to.equal('version /opt/python3.12');
    const wrong = await install({ version: { code: 127 } }, '/opt/none');
    // The environment that is there already needs no interpreter, so it is gone first.
    await rm(join(cacheFolder, 'tempest'), { recursive: true });
    expect('python' in wrong).to.equal(true);
    expect(refusalOf(await install({ version: { code: 127 } }, '/opt/none')).message).to.include(
      '/opt/none is not there',
    );
  });

  it('refuses a Python without venv, and leaves nothing', async () => {
    const refused = refusalOf(await install({ venv: { code: 1, stdout: 'ensurepip is not available.\n' } }));
    expect(refused.message).to.match(/virtual environment.*ensurepip is not available/);
    expect(refused.remedy).to.match(/python3-venv/);
    expect(await foldersLeft()).to.deep.equal([]);
  });

  it('refuses where no package can be had, shows no password of an index, and leaves nothing', async () => {
    const stderr =
      'WARNING: Retrying after connection broken\nERROR: Could not find a version that satisfies tempest==47.0.0 (https://me:hunter22@mirror/simple)\nERROR: No matching distribution found for tempest==47.0.0\n[notice] A new release of pip\n';
    const refused = refusalOf(await install({ pip: { code: 1, stderr } }));
    expect(refused.message).to.match(/pip could not install Tempest 47\.0\.0: .*No matching distribution/);
    expect(refused.message).not.to.include('hunter22');
    expect(refused.remedy).to.match(/PIP_INDEX_URL/);
    expect(await foldersLeft()).to.deep.equal([]);
    expect(refusalOf(await install({ pip: { code: 124 } })).message).to.match(/took too long/);
  });

  it('believes nothing that does not start afterwards', async () => {
    refusalOf(await install({ starts: { code: 1 } }));
    expect(await foldersLeft()).to.deep.equal([]);
    expect((await install({})).asked).to.include('pip own');
  });

  it('leaves nothing when it is stopped', async () => {
    const stopped = await install({ pip: new Error('stopped') });
    expect('error' in stopped && String(stopped.error)).to.equal('Error: stopped');
    expect(await foldersLeft()).to.deep.equal([]);
  });
});
