import { spawn, type ChildProcess } from 'node:child_process';

export type Connected = 'answers' | 'refused' | 'silent';

/** Makes connections from inside of a network namespace of this host. */
export interface NamespaceConnector {
  /** `answers` when whoever is there reacts, be it with words or by hanging up; never settles before that, `refused` or `cancel`. */
  connect(host: string, port: number): { readonly outcome: Promise<Connected>; readonly cancel: () => void };
  readonly alive: boolean;
  /** Settles when it can be asked, or has ended: on a busy host it starts more slowly than an answer comes. */
  readonly started: Promise<void>;
  close(): void;
}

/** Runs in the namespace. A line in is a question or the end of one, a line out is an answer; it ends with its input. */
const PROGRAM = `
const net = require('node:net');
const open = new Map();
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { n, host, port } = JSON.parse(line);
  if (host === undefined) { open.get(n)?.destroy(); open.delete(n); return; }
  const socket = net.connect({ host, port });
  open.set(n, socket);
  let connected = false;
  const say = (outcome) => {
    if (open.delete(n)) process.stdout.write(JSON.stringify({ n, outcome }) + '\\n');
    socket.destroy();
  };
  socket.on('connect', () => { connected = true; socket.write('GET / HTTP/1.0\\r\\n\\r\\n'); });
  socket.on('data', () => say('answers'));
  socket.on('error', (error) => say(connected ? 'answers' : error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
  socket.on('close', () => say(connected ? 'answers' : 'silent'));
}).on('close', () => process.exit(0));
process.stdout.write('{}\\n');
`;

/** @param pid of any process that lives in the namespace. */
export function openConnector(pid: number): NamespaceConnector {
  const child: ChildProcess = spawn(
    'nsenter',
    [`--net=/proc/${pid}/ns/net`, process.execPath, '--eval', PROGRAM],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Options of this process, such as a loader of TypeScript, are not for it.
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  const waiting = new Map<number, (outcome: Connected) => void>();
  let alive = true;
  let count = 0;
  let rest = '';
  let begin = (): void => undefined;
  const started = new Promise<void>((resolve) => (begin = resolve));
  const end = (): void => {
    alive = false;
    begin();
    for (const settle of waiting.values()) settle('silent');
    waiting.clear();
  };
  child.once('error', end);
  child.once('exit', end);
  child.stdin?.on('error', () => undefined);
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { n, outcome } = JSON.parse(line) as { n?: number; outcome: Connected };
      if (n === undefined) {
        begin();
        continue;
      }
      waiting.get(n)?.(outcome);
      waiting.delete(n);
    }
  });
  // Whoever waits for an answer keeps this process alive by a timer; a connector alone does not.
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  (child.stdout as unknown as { unref(): void }).unref();
  const send = (message: object): void => void child.stdin?.write(`${JSON.stringify(message)}\n`);
  return {
    get alive() {
      return alive;
    },
    started,
    connect(host, port) {
      const n = count++;
      const outcome = new Promise<Connected>((resolve) => {
        if (!alive) return resolve('silent');
        waiting.set(n, resolve);
        send({ n, host, port });
      });
      return {
        outcome,
        cancel() {
          if (waiting.delete(n)) send({ n });
        },
      };
    },
    close: () => child.stdin?.end(),
  };
}
