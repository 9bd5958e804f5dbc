import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { createAsker } from '../../src/measure/create-asker.ts';
import { ProbeLine, type Asker } from '../../src/measure/probe-line.ts';
import {
  decodeSegment,
  encodeBatch,
  encodeHeader,
  SEGMENT_VERSION,
} from '../../src/measure/segment-format.ts';
import type { Sample } from '../../src/model/observation.ts';
import type { WireAccess } from '../../src/ports/prober.ts';
import { sample, spec } from './sample-series.ts';

/** What the pod says, by the path of the question. */
const POD: Readonly<Record<string, readonly [status: number, body: string]>> = {
  '/good': [200, '{"status":200,"body":"{\\"node\\":\\"b\\"}\\n","says":"","phase":"","tookMs":1}'],
  '/silent': [200, '{"status":0,"body":"","says":"timeout","phase":"connect","tookMs":1500}'],
  '/slow': [200, '{"status":0,"body":"","says":"timeout","phase":"wait","tookMs":1500}'],
  '/broken': [200, '{"status":200,"body":"{","says":"eof","phase":"body","tookMs":3}'],
  '/strange': [200, '{"status":0,"body":"","says":"?","phase":"dancing","tookMs":3}'],
  '/old': [200, '{"status":0,"body":"","says":"timeout","tookMs":1500}'],
  '/unwell': [200, '{"status":503,"body":"no","says":"","phase":"","tookMs":1}'],
  '/another': [200, '{"status":200,"body":"{\\"node\\":\\"c\\"}","says":"","phase":"","tookMs":1}'],
  '/no-json': [200, 'welcome to nginx'],
  '/other-json': [200, '[]'],
  '/refusing': [502, 'bad gateway'],
};

describe('a question that a pod asks for us', () => {
  let server: Server;
  let url = '';
  const clock = createSystemClock();

  before(async () => {
    server = createServer((request, response) => {
      const found = POD[request.url ?? ''];
      if (found !== undefined) response.writeHead(found[0]).end(found[1]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const askerOf = (path: string, at = url): Asker<WireAccess> =>
    createAsker(
      {
        spec: spec({ connection: 'new' }),
        question: {
          kind: 'relayed',
          ask: { method: 'GET', path, headers: {}, expect: [200] },
          then: { expect: [200], holds: '"node":"b"' },
        },
        access: { url: at, headers: {}, verify: true },
      },
      clock,
    );

  async function told(path: string, at?: string): Promise<string> {
    const asker = askerOf(path, at);
    const says = await new Promise<string>((resolve) => {
      asker.ask({
        n: 0,
        finish: (failure, status) => resolve(`${failure ?? 'ok'} ${status}`),
        away: () => resolve('away'),
      });
    });
    await asker.close();
    return says;
  }

  it('is good when the pod got the right answer of the right pod', async () => {
    expect(await told('/good')).to.equal('ok 200');
  });

  it('fails where and as the pod says', async () => {
    expect(await told('/silent')).to.equal('connect 0');
    expect(await told('/slow')).to.equal('wait 0');
    expect(await told('/broken')).to.equal('body 200');
    expect(await told('/strange')).to.equal('connect 0');
    expect(await told('/old')).to.equal('connect 0');
    expect(await told('/unwell')).to.equal('status 503');
    expect(await told('/another')).to.equal('body 200');
  });

  it('says nothing of the second leg when the first did not answer as our program does', async () => {
    for (const path of ['/no-json', '/other-json', '/refusing'])
      expect(await told(path), path).to.equal('away');
    expect(await told('/good', 'http://127.0.0.1:1')).to.equal('away');
  });

  it('leaves a pod unseen that is silent until the sample is over, and nothing else', () => {
    const outcomes = (silence?: 'vantage'): readonly Sample[] => {
      const samples: Sample[] = [];
      let now = 0;
      const line = new ProbeLine({
        startNs: 0,
        periodNs: 1e9,
        timeoutNs: 100e6,
        maxInFlight: 4,
        asker: { ask: () => ({ giveUp: () => 'wait' }), ...(silence === undefined ? {} : { silence }) },
        now: () => now,
        lostBetween: () => 0,
        record: (one) => samples.push(one),
      });
      line.sendDue();
      now = 150e6;
      line.expire();
      return samples;
    };
    expect(outcomes('vantage')[0]).to.include({ outcome: 'unknown', phase: 'harness', cause: 'vantage' });
    expect(outcomes()[0]).to.include({ outcome: 'failed', phase: 'wait' });
  });

  it('keeps that cause in its segment', () => {
    const one = sample(3, { outcome: 'unknown', phase: 'harness', cause: 'vantage', status: 0 });
    const header = {
      version: SEGMENT_VERSION,
      probe: spec(),
      vantage: 'a',
      clock: 'host:test',
      startNs: 0,
      periodNs: 10e6,
    } as const;
    const bytes = Buffer.concat([encodeHeader(header), encodeBatch([one])]);
    expect(decodeSegment('x', bytes)?.samples).to.deep.equal([one]);
  });
});
