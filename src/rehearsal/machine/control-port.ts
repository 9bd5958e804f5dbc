import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { controlFile, writeWhole } from '../lab-layout.ts';
import type { LinkRuleRecord } from '../links/link-rule-record.ts';
import type { Host } from './host.ts';

/** What the lab may ask of a process, by `METHOD /path`; gets the JSON that came and gives the JSON that goes. */
export type ControlVerbs = Readonly<Record<string, (body: unknown) => unknown>>;

/** Listens for the lab on a port of its own, which no rule of a link touches. */
export async function openControlPort(host: Host, verbs: ControlVerbs): Promise<void> {
  const all: ControlVerbs = { ...linkVerbs(host), ...verbs };
  const server = createServer((request, response) => {
    const answer = async (): Promise<unknown> => {
      if (request.headers.authorization !== `Bearer ${host.layout.controlToken}`) return undefined;
      const verb = all[`${request.method ?? ''} ${request.url ?? ''}`];
      return verb === undefined ? undefined : ((await verb(await bodyOf(request))) ?? {});
    };
    answer().then(
      (result) => response.writeHead(result === undefined ? 404 : 200).end(JSON.stringify(result ?? {})),
      (error: unknown) => response.writeHead(400).end(JSON.stringify({ says: (error as Error).message })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeWhole(controlFile(host.layout.folder, host.self), String((server.address() as AddressInfo).port));
}

const linkVerbs = ({ rules, truth, self }: Host): ControlVerbs => ({
  'GET /health': () => ({ self }),
  'GET /links': () => rules.list().map(({ id, run }) => ({ id, run })),
  'POST /links': (body) => {
    const rule = body as LinkRuleRecord;
    rules.add(rule);
    // One that a frozen machine reads too late is over.
    if (rules.list().some(({ id }) => id === rule.id)) truth({ kind: 'rule', rule });
  },
  'DELETE /links': (body) => rules.remove((body as { id: string }).id),
});

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request as AsyncIterable<Buffer>) text += part.toString();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
