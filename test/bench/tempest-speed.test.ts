import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { CloudProxy } from '../../bench/tempest-speed/cloud-proxy.ts';
import { sameChecks } from '../../bench/tempest-speed/same-checks.ts';
import type { AgreementRow } from '../../src/model/analysis.ts';

const row = (test: string, cases: readonly string[], own = 'passed', theirs = 'passed'): AgreementRow =>
  ({ test, cases, own, theirs, says: own === theirs ? 'agree' : 'differ' }) as AgreementRow;

describe('the checks that Tempest and Squall are measured on', () => {
  it('passed on both sides, and ask neither for more than the other', () => {
    const checks = sameChecks([
      row('a', ['s/x/1']),
      row('b', ['s/x/2'], 'passed', 'failed'),
      row('c', [], 'not run', 'passed'),
      // Two tests in one case, of which one did not pass: neither counts, nor what else the case's tests hang on.
      row('d', ['s/x/3', 's/x/4']),
      row('e', ['s/x/4', 's/x/5']),
      row('f', ['s/x/5'], 'failed', 'failed'),
      row('g', ['s/y/1', 's/y/2']),
    ]);
    expect(checks).to.deep.equal({ cases: ['s/x/1', 's/y/1', 's/y/2'], tests: ['a', 'g'] });
  });
});

describe('the proxy before a cloud', () => {
  const listen = async (listener: Parameters<typeof createServer>[1]) => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };

  it('leads clients to every service of the catalogue and to nothing else, and counts who asks', async () => {
    const nova = await listen((_request, response) => void response.end('a plain answer'));
    const keystone = await listen((_request, response) => {
      response.setHeader('content-type', 'application/json');
      const endpoints = [{ url: `${nova.url}/v2.1` }];
      response.end(
        JSON.stringify({ token: { catalog: [{ endpoints }] }, help: 'http://docs.example/keystone' }),
      );
    });
    const proxy = new CloudProxy(`${keystone.url}/v3`);
    const own = await proxy.start();
    try {
      const asked = await fetch(`${proxy.rewritten(keystone.url)}/v3/auth/tokens`, {
        method: 'POST',
        body: '{}',
        headers: { 'user-agent': 'squall' },
      });
      const body = (await asked.json()) as {
        token: { catalog: [{ endpoints: [{ url: string }] }] };
        help: string;
      };
      const [{ url }] = body.token.catalog[0].endpoints;
      expect(url).to.match(new RegExp(`^${own}/http_127\\.0\\.0\\.1_\\d+/v2\\.1$`));
      expect(body.help).to.equal('http://docs.example/keystone');
      const answer = await fetch(`${url}/servers`, { headers: { 'user-agent': 'python-urllib3/2.6' } });
      expect(await answer.text()).to.equal('a plain answer');
      expect(Object.fromEntries(proxy.calls)).to.deep.equal({ squall: 1, 'python-urllib3': 1 });
      expect((await fetch(`${own}/http_127.0.0.1_1/`)).status).to.equal(502);
    } finally {
      await proxy.stop();
      for (const { server } of [nova, keystone]) server.close();
    }
  });
});
