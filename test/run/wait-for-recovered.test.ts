import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { WatchedEvent } from '../../src/model/observation.ts';
import { waitForRecovered, type RecoveredLook } from '../../src/run/wait-for-recovered.ts';

const MS = 1e6;

/** A clock that only sleeping moves, and looks that are answered from a script by time. */
function scripted(upFromMs: number, lacksAt: (ms: number) => readonly string[] | Error) {
  let ns = 0;
  const events: WatchedEvent[] = [];
  const said: string[] = [];
  const look: RecoveredLook = {
    clock: {
      id: 'c',
      now: () => ({ clock: 'c', ns }),
      wall: () => '1970-01-01T00:00:00.000Z',
      sleep: (duration) => {
        ns += duration.ms * MS;
        return Promise.resolve();
      },
      after: () => () => undefined,
    },
    allUp: () => ns >= upFromMs * MS,
    lacks: () => {
      const answer = lacksAt(ns / MS);
      ns += 20 * MS;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    emit: (event) => events.push(event),
    report: (says) => said.push(says),
  };
  return { look, events, said };
}

const never = new AbortController().signal;

describe('waiting for recovered', () => {
  it('needs the probes up and full redundancy, and tells between which looks it came back', async () => {
    const { look, events } = scripted(900, (ms) => (ms < 2000 ? ['control-2 is not ready'] : []));
    expect(await waitForRecovered(look, { ms: 60_000 }, never)).to.equal(true);
    expect(events).to.have.length(1);
    const [event] = events;
    expect(event?.change).to.equal('full-redundancy');
    expect(event?.afterNs).to.be.within(1400 * MS, 2000 * MS);
    expect(event?.seenNs).to.be.within(2000 * MS, 2600 * MS);
  });

  it('wants it twice in a row: what starts again may be told ready for a moment by what was true before', async () => {
    const { look, events } = scripted(0, (ms) => (ms >= 400 && ms < 3000 ? ['control-1 is not ready'] : []));
    expect(await waitForRecovered(look, { ms: 60_000 }, never)).to.equal(true);
    expect(events).to.have.length(1);
    expect(events[0]?.seenNs).to.be.greaterThan(3000 * MS);
  });

  it('is over at the ceiling, and says nothing of a redundancy that it never saw', async () => {
    const { look, events } = scripted(0, () => ['etcd lacks a member']);
    expect(await waitForRecovered(look, { ms: 3000 }, never)).to.equal(false);
    expect(events).to.deep.equal([]);
  });

  it('goes on when it could not look, and says why', async () => {
    const { look, said } = scripted(0, (ms) => (ms < 1000 ? new Error('no answer') : []));
    expect(await waitForRecovered(look, { ms: 60_000 }, never)).to.equal(true);
    expect(said.join()).to.include('no answer');
  });

  it('does not look at the topology while a probe is down', async () => {
    let looks = 0;
    const { look } = scripted(5000, () => {
      looks += 1;
      return [];
    });
    await waitForRecovered(look, { ms: 4000 }, never);
    expect(looks).to.equal(0);
  });
});
