import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { hostTime } from '../../../src/rehearsal/host-time.ts';
import { Cable, frameReader } from '../../../src/rehearsal/links/cable.ts';
import { UNTREATED } from '../../../src/rehearsal/links/link-rules.ts';
import type { Treatment } from '../../../src/rehearsal/links/link-rules.ts';

/** Two processes: what is opened at `echo` comes back, `nobody` refuses, and questions are answered with themselves. */
function twoEnds() {
  const state: { treatment: Treatment; accepted?: Duplex } = { treatment: UNTREATED };
  const end = {
    time: hostTime,
    treatment: () => state.treatment,
    open: (name: string, stream: Duplex) => {
      if (name === 'nobody') return false;
      state.accepted = stream;
      stream.pipe(stream);
      return true;
    },
    answer: async (name: string, body: unknown) => {
      if (name === 'nobody') throw new Error('Nobody listens at nobody.');
      return body;
    },
  };
  const [here, there] = [new Cable(0, end), new Cable(1, end)];
  const [toHere, toThere] = [here, there].map((cable) => frameReader((frame) => cable.receive(frame)));
  // In pieces of seven bytes, whatever they belong to: nothing may depend on how a kernel cuts what it carries.
  const carry = (read: ((chunk: Buffer) => void) | undefined) => {
    let waiting: Buffer = Buffer.alloc(0);
    return (bytes: Buffer): void => {
      if (waiting.length === 0)
        setImmediate(() => {
          const all = waiting;
          waiting = Buffer.alloc(0);
          for (let at = 0; at < all.length; at += 7) read?.(all.subarray(at, at + 7));
        });
      waiting = Buffer.concat([waiting, bytes]);
    };
  };
  const plug = () => [here.plug(carry(toThere)), there.plug(carry(toHere))] as const;
  return { here, there, state, plug, unplug: plug() };
}

const fate = (stream: Duplex): Promise<string> =>
  new Promise((resolve) => {
    setTimeout(() => resolve('silent'), 60);
    stream.once('connect', () => resolve('connected'));
    stream.once('close', () => resolve('refused'));
  });

describe('a cable between two processes', () => {
  it('carries connections with what they say and how they end, and refuses where nobody listens', async () => {
    const { here, there } = twoEnds();
    const [one, two] = [here.connect('echo', 80), there.connect('echo', 80)];
    expect(await Promise.all([fate(one), fate(two)])).to.deep.equal(['connected', 'connected']);
    one.end('from here');
    two.end('from there');
    expect(await Promise.all([text(one), text(two)])).to.deep.equal(['from here', 'from there']);
    expect(await fate(here.connect('nobody', 80))).to.equal('refused');
  });

  it('tells a break to the other end', async () => {
    const { here, state } = twoEnds();
    const stream = here.connect('echo', 80);
    await fate(stream);
    stream.destroy();
    await new Promise((resolve) => state.accepted?.once('close', resolve));
    expect(state.accepted?.errored?.message).to.match(/was reset/);
  });

  it('answers questions, says when nobody does, and gives up after the limit', async () => {
    const { here, state } = twoEnds();
    expect(await here.ask('it', 80, { a: [1] }, 100)).to.deep.equal({ a: [1] });
    const says = (promise: Promise<unknown>) => promise.catch((error: unknown) => (error as Error).message);
    expect(await says(here.ask('nobody', 80, {}, 100))).to.equal('Nobody listens at nobody.');
    state.treatment = { ...UNTREATED, cut: true };
    expect(await says(here.ask('it', 80, {}, 40))).to.match(/silent for 40 ms/);
  });

  it('is silent about a machine that died until that one is back, and does not hold what came from it', async () => {
    const { here, there, unplug, plug, state } = twoEnds();
    const stream = here.connect('echo', 80);
    await fate(stream);
    const accepted = state.accepted;
    expect([unplug[0](), unplug[1]()]).to.deep.equal([true, true]);
    expect(await fate(stream)).to.equal('silent');
    expect(accepted?.destroyed).to.equal(true);
    const isOld = unplug[0]();
    plug();
    expect([isOld, unplug[1]()]).to.deep.equal([false, false]);
    stream.write('are you there?');
    expect(await fate(stream)).to.equal('refused');
    expect(await fate(there.connect('echo', 80))).to.equal('connected');
  });
});
