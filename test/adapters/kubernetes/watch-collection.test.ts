import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ServerResponse } from 'node:http';
import { createKubernetesApi, type OpenKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import type { KubernetesWatchEvent } from '../../../src/ports/kubernetes.ts';
import { eventLine, json, pod, startApiServer, status, type ApiServer } from './api-server.ts';

const clock = createSystemClock();

describe('adapters/kubernetes: watch', () => {
  let server: ApiServer;
  let api: OpenKubernetesApi;
  let stop: AbortController;
  /** What the server was asked, in order: `list`, or `watch@<resourceVersion>`. */
  let asked: string[];
  let watches: ServerResponse[];

  beforeEach(async () => {
    server = await startApiServer();
    stop = new AbortController();
    asked = [];
    watches = [];
    const watchTimeouts = { serverEnds: { ms: 1000 }, inactivity: { ms: 300 } };
    api = await createKubernetesApi({
      connection: { kubeconfig: server.kubeconfig },
      environment: {},
      clock,
      watchTimeouts,
    });
  });
  afterEach(async () => {
    stop.abort();
    await api.close();
    await server.close();
  });

  /** Answers lists with `objects`, and watches by the given acts, in turn; the last act is for all that follow. */
  function serve(objects: readonly object[], ...acts: ((response: ServerResponse) => void)[]): void {
    server.answer((_request, response, url) => {
      if (!url.searchParams.has('watch')) {
        asked.push('list');
        json(response, 200, { metadata: { resourceVersion: '10' }, items: objects });
        return;
      }
      asked.push(`watch@${url.searchParams.get('resourceVersion') ?? ''}`);
      expect(url.searchParams.get('allowWatchBookmarks')).to.equal('true');
      expect(Number(url.searchParams.get('timeoutSeconds'))).to.be.greaterThan(0);
      watches.push(response);
      (acts[Math.min(watches.length, acts.length) - 1] ?? open)(response);
    });
  }

  const open = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  };
  const say =
    (...lines: string[]) =>
    (response: ServerResponse): void => {
      open(response);
      for (const line of lines) response.write(line);
    };

  /** The next events, as short words. */
  async function take(count: number): Promise<string[]> {
    const words: string[] = [];
    for await (const event of api.watch('/api/v1/pods', { signal: stop.signal })) {
      words.push(wordOf(event));
      if (words.length === count) break;
    }
    return words;
  }

  const wordOf = (event: KubernetesWatchEvent): string => {
    if (event.type === 'LISTED') return `LISTED ${event.objects.map((each) => each.metadata.name).join(',')}`;
    return 'object' in event ? `${event.type} ${event.object.metadata.name}` : event.type;
  };

  it('lists, then tells changes and bookmarks', async () => {
    serve(
      [pod('a', '9')],
      say(
        eventLine('ADDED', pod('b', '11')),
        eventLine('BOOKMARK', { metadata: { resourceVersion: '15' } }),
        eventLine('DELETED', pod('a', '16')),
      ),
    );
    expect(await take(4)).to.deep.equal(['LISTED a', 'ADDED b', 'BOOKMARK', 'DELETED a']);
    expect(asked).to.deep.equal(['list', 'watch@10']);
  });

  it('puts lines together that come in pieces, also within a character', async () => {
    const line = Buffer.from(eventLine('ADDED', { metadata: { name: 'grün', resourceVersion: '11' } }));
    serve([], (response) => {
      open(response);
      const cut = line.indexOf(0xc3) + 1;
      response.write(line.subarray(0, cut));
      setTimeout(() => response.write(line.subarray(cut)), 30);
    });
    expect(await take(2)).to.deep.equal(['LISTED ', 'ADDED grün']);
  });

  it('goes on from the last bookmark when the server ends the watch, and is not blind', async () => {
    serve(
      [],
      (response) => {
        open(response);
        response.end(eventLine('BOOKMARK', { metadata: { resourceVersion: '42' } }));
      },
      say(eventLine('ADDED', pod('b', '43'))),
    );
    expect(await take(3)).to.deep.equal(['LISTED ', 'BOOKMARK', 'ADDED b']);
    expect(asked).to.deep.equal(['list', 'watch@10', 'watch@42']);
  });

  for (const [title, gone] of [
    ['as an event', (response: ServerResponse) => say(eventLine('ERROR', status(410, 'too old')))(response)],
    ['as a status', (response: ServerResponse) => json(response, 410, status(410, 'too old'))],
  ] as const) {
    it(`lists again on 410 ${title}`, async () => {
      serve([pod('a', '9')], gone, say(eventLine('MODIFIED', pod('a', '12'))));
      expect(await take(5)).to.deep.equal(['LISTED a', 'BLIND', 'SEEING', 'LISTED a', 'MODIFIED a']);
      expect(asked).to.deep.equal(['list', 'watch@10', 'list', 'watch@10']);
    });
  }

  it('says BLIND within the inactivity limit when the server freezes mid-watch, once, and goes on where it was', async () => {
    const late = say(eventLine('ADDED', pod('b', '12')));
    serve([], say(eventLine('ADDED', pod('a', '11'))), late);
    const words: { word: string; atMs: number }[] = [];
    for await (const event of api.watch('/api/v1/pods', { signal: stop.signal })) {
      words.push({ word: wordOf(event), atMs: clock.now().ns / 1e6 });
      if (words.length === 6) break;
    }
    expect(words.map(({ word }) => word)).to.deep.equal([
      'LISTED ',
      'ADDED a',
      'BLIND',
      'SEEING',
      'BOOKMARK',
      'ADDED b',
    ]);
    const silence = (words[2]?.atMs ?? 0) - (words[1]?.atMs ?? 0);
    expect(silence).to.be.within(250, 900);
    // It went on where it was, and asked what there is now, so as to know when it has seen all that it missed.
    expect(asked).to.deep.equal(['list', 'watch@10', 'watch@11', 'list']);
  });

  it('says BLIND when the connection breaks, with the reason', async () => {
    serve([], (response) => {
      open(response);
      setTimeout(() => server.dropAll(), 20);
    });
    const blind: string[] = [];
    for await (const event of api.watch('/api/v1/pods', { signal: stop.signal })) {
      if (event.type !== 'BLIND') continue;
      blind.push(event.says);
      break;
    }
    expect(blind[0]).to.match(/got no answer|ended after/);
  });

  for (const [title, line] of [
    ['garbage', 'not json\n'],
    ['an event without an object', '{"type":"ADDED"}\n'],
    ['a line that is cut off', '{"type":"ADDED","obj'],
  ] as const) {
    it(`lists again after ${title}`, async () => {
      serve([], (response) => {
        open(response);
        response.end(line);
      });
      expect(await take(4)).to.deep.equal(['LISTED ', 'BLIND', 'SEEING', 'LISTED ']);
    });
  }

  it('says why when it may not look, waits longer each time, and goes on', async () => {
    let lists = 0;
    server.answer((_request, response) => {
      lists += 1;
      json(response, 403, status(403, 'pods is forbidden'));
    });
    const events: KubernetesWatchEvent[] = [];
    setTimeout(() => stop.abort(new Error('enough')), 500);
    for await (const event of api.watch('/api/v1/pods', { signal: stop.signal })) events.push(event);
    expect(events).to.have.length(1);
    expect(events[0]?.type === 'BLIND' && events[0].says).to.include('pods is forbidden');
    expect(lists).to.be.within(2, 6);
  });

  it('does not ask without a pause when the server ends every watch at once', async () => {
    serve([], (response) => response.writeHead(200).end());
    setTimeout(() => stop.abort(), 400);
    for await (const _ of api.watch('/api/v1/pods', { signal: stop.signal }));
    expect(asked.length).to.be.within(2, 8);
  });

  it('ends with the signal while nothing happens, and leaves its connection', async () => {
    serve([], open);
    setTimeout(() => stop.abort(), 50);
    expect(await take(99)).to.deep.equal(['LISTED ']);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(watches[0]?.destroyed).to.equal(true);
  });

  it('frees its connection when the reader stops reading', async () => {
    serve([], say(eventLine('ADDED', pod('a', '11'))));
    await take(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(watches[0]?.destroyed).to.equal(true);
  });
});
