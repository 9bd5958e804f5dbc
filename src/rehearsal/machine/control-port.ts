import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { controlFile, parseJson, writeWhole } from '../lab-layout.ts';
import type { LinkRuleRecord } from '../links/link-rule-record.ts';
import type { Host } from './host.ts';

/** What the lab may ask of a process, by `METHOD /path`; gets the JSON that came and gives the JSON that goes. */
export type ControlVerbs = Readonly<Record<string, (body: never) => unknown>>;

/** Listens for the lab on a port of its own, which no rule of a link touches. */
export async function openControlPort(host: Host, verbs: ControlVerbs): Promise<void> {
  const { layout, self, rules, truth } = host;
  const all: ControlVerbs = {
    'GET /links': () => rules.list().map(({ id, run }) => ({ id, run })),
    // One that a frozen machine reads too late is over.
    'POST /links': (rule: LinkRuleRecord) => void (rules.add(rule) && truth({ kind: 'rule', rule })),
    'DELETE /links': ({ id }: { id: string }) => void (rules.remove(id) && truth({ kind: 'rule-over', id })),
    ...verbs,
  };
  const server = createServer((request, response) => {
    const verb = all[`${request.method ?? ''} ${request.url ?? ''}`];
    if (verb === undefined || request.headers.authorization !== `Bearer ${layout.controlToken}`)
      return void response.writeHead(404).end('{}');
    const answer = async (): Promise<unknown> => verb(parseJson(await text(request)) as never);
    answer().then(
      (result) => response.end(JSON.stringify(result ?? {})),
      (error: unknown) => response.writeHead(400).end(JSON.stringify({ says: (error as Error).message })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeWhole(controlFile(layout.folder, self), String((server.address() as AddressInfo).port));
}
