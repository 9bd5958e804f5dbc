import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { expect } from 'chai';
import { it } from 'mocha';
import type { LockHolder, SharedState } from '../../src/ports/state-store.ts';

export const holder = (run: string, pid = process.pid, host = hostname()): LockHolder => ({
  run,
  pid,
  host,
  since: '2026-11-21T00:00:00.000Z',
});

/** The id of a process that has ended. */
export const goneProcess = (): number => spawnSync(process.execPath, ['-e', '0']).pid;

/**
 * What both forms of the state that runs share must do; each case has identities of its own.
 * @param form opened anew at each call, as another process would.
 */
export function sharedStateCases(form: () => SharedState): void {
  it('gives a lock to one of many, who is then named', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => form().lock('a', holder(`run-${n}`))),
    );
    const winner = results.findIndex((other) => other === undefined);
    expect(results.filter((other) => other === undefined)).to.have.length(1);
    expect((await form().lock('a', holder('late')))?.run).to.equal(`run-${winner}`);
    expect((await form().holders()).map(({ run }) => run)).to.include(`run-${winner}`);
  });

  it('is unlocked by its holder alone, and taken again', async () => {
    await form().lock('b', holder('one'));
    await form().unlock('b', 'two');
    expect((await form().lock('b', holder('two')))?.run).to.equal('one');
    await form().unlock('b', 'one');
    await form().unlock('b', 'one');
    expect(await form().lock('b', holder('two'))).to.equal(undefined);
    expect((await form().holders()).map(({ run }) => run)).to.include('two');
  });

  it('says on renewal whether the lock is still held', async () => {
    expect(await form().renew('c', 'one')).to.equal(false);
    await form().lock('c', holder('one'));
    expect(await form().renew('c', 'one')).to.equal(true);
    expect(await form().renew('c', 'two')).to.equal(false);
    await form().unlock('c', 'one');
    expect(await form().renew('c', 'one')).to.equal(false);
  });

  it('lets one of many take over from a holder that is provably gone, and from no other', async () => {
    await form().lock('d', holder('dead', goneProcess()));
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => form().lock('d', holder(`run-${n}`))),
    );
    expect(results.filter((other) => other === undefined)).to.have.length(1);
    await form().lock('e', holder('elsewhere', goneProcess(), 'another-host'));
    expect((await form().lock('e', holder('mine')))?.run).to.equal('elsewhere');
  });

  it('holds a stop with who and why until it is allowed', async () => {
    const since = '2026-11-21T10:00:00.000Z';
    expect(await form().stopped()).to.equal(undefined);
    expect(await form().allow()).to.equal(undefined);
    await form().stop({ by: 'ann@there', why: 'fire drill', since });
    await form().stop({ by: 'bob@here', why: 'again', since });
    expect(await form().stopped()).to.deep.equal({ by: 'bob@here', why: 'again', since });
    expect(await form().allow()).to.include({ by: 'bob@here' });
    expect(await form().stopped()).to.equal(undefined);
  });
}
