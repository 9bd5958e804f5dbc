import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ServerResponse } from 'node:http';
import { createKubernetesApi, type OpenKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import type { KubernetesWatchEvent } from '../../../src/ports/kubernetes.ts';
import { eventLine, json, pod, startApiServer, TOKEN, type ApiServer } from './api-server.ts';

const clock = createSystemClock();

describe('adapters/kubernetes: a watch through several API servers', () => {
  let servers: ApiServer[];
  let watches: (ServerResponse | undefined)[];
  let api: OpenKubernetesApi;
  let stop: AbortController;

  beforeEach(async () => {
    servers = await Promise.all([startApiServer(), startApiServer()]);
    watches = [];
    stop = new AbortController();
    for (const [n, server] of servers.entries()) {
      server.answer((request, response, url) => {
        expect(request.headers.authorization).to.equal(`Bearer ${TOKEN}`);
        if (!url.searchParams.has('watch'))
          return json(response, 200, { metadata: { resourceVersion: '10' }, items: [pod('a', '9')] });
        response.writeHead(200).flushHeaders();
        watches[n] = response;
      });
    }
    const [first, second] = servers;
    api = await createKubernetesApi({
      connection: {
        kubeconfig: first?.kubeconfig ?? '',
        apiServers: [`http://127.0.0.1:${second?.port ?? 0}/`, `http://127.0.0.1:${first?.port ?? 0}`],
      },
      environment: {},
      clock,
      watchTimeouts: { serverEnds: { ms: 5000 }, inactivity: { ms: 5000 } },
    });
  });
  afterEach(async () => {
    stop.abort();
    await api.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  const until = async (met: () => boolean): Promise<void> => {
    for (let n = 0; n < 200 && !met(); n++) await clock.sleep({ ms: 10 });
    expect(met()).to.equal(true);
  };

  it('goes on through the one that is left, knows who said what, and is blind only when both are gone', async () => {
    const events: KubernetesWatchEvent[] = [];
    const reading = (async () => {
      for await (const event of api.watch('/api/v1/pods', { signal: stop.signal })) events.push(event);
    })();
    await until(() => watches[0] !== undefined && watches[1] !== undefined);
    const say = (n: number, type: string, object: object): boolean | undefined =>
      watches[n]?.write(eventLine(type, object));
    say(1, 'MODIFIED', pod('a', '11'));
    await until(() => events.some(({ type }) => type === 'MODIFIED'));
    say(0, 'MODIFIED', pod('a', '11'));
    await servers[0]?.close();
    say(1, 'ADDED', pod('b', '12'));
    await until(() => events.some(({ type }) => type === 'ADDED'));
    expect(events.filter(({ type }) => type === 'MODIFIED')).to.have.length(1);
    expect(events.some(({ type }) => type === 'BLIND')).to.equal(false);
    const second = `http://127.0.0.1:${servers[1]?.port ?? 0}`;
    for (const event of events) if ('object' in event) expect(event.source).to.equal(second);
    await servers[1]?.close();
    await until(() => events.at(-1)?.type === 'BLIND');
    stop.abort();
    await reading;
  });

  it('refuses an API server that is no URL, or that would be asked in plain text where the kubeconfig does not allow it', async () => {
    for (const apiServers of [['control-1:6443'], ['ftp://127.0.0.1']]) {
      const error: unknown = await createKubernetesApi({
        connection: { kubeconfig: servers[0]?.kubeconfig ?? '', apiServers },
        environment: {},
        clock,
      }).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'SQ_KUBECONFIG' });
    }
  });
});
