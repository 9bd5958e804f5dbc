import { spawn, type ChildProcess } from 'node:child_process';

export type Connected = 'answers' | 'refused' | 'silent';

/** Makes connections from inside of a network namespace of this host. */
export interface NamespaceConnector {
  /** `answers` when whoever is there reacts, be it with words or by hanging up; never settles before that, `refused` or `cancel`. */
  connect(host: string, port: number): { readonly outcome: Promise<Connected>; readonly cancel: () => void };
  /**
   * Takes one connection and counts what comes on it: first `ahead` bytes, which it acknowledges, then `bytes`. `received` settles
   * when the last byte is there, and is false when it never comes.
   */
  receive(
    host: string,
    ahead: number,
    bytes: number,
  ): { readonly port: Promise<number>; readonly received: Promise<boolean>; readonly cancel: () => void };
  /** Sends to one that receives as above. `sends` settles when the first of `bytes` is sent, and is false when it never is. */
  send(
    host: string,
    port: number,
    ahead: number,
    bytes: number,
  ): { readonly sends: Promise<boolean>; readonly cancel: () => void };
  readonly alive: boolean;
  /** Settles when it can be asked, or has ended: on a busy host it starts more slowly than an answer comes. */
  readonly started: Promise<void>;
  close(): void;
}

/** Runs in the namespace. A line in is a question or the end of one, a line out is an answer; it ends with its input. */
const PROGRAM = `
const net = require('node:net');
const open = new Map();
const tell = (n, rest) => process.stdout.write(JSON.stringify({ n, ...rest }) + '\\n');
const end = (n) => { for (const each of open.get(n) ?? []) each.destroy?.() ?? each.close(); open.delete(n); };
const verbs = {
  connect({ n, host, port }) {
    const socket = net.connect({ host, port });
    open.set(n, [socket]);
    let connected = false;
    const say = (outcome) => {
      if (open.delete(n)) tell(n, { outcome });
      socket.destroy();
    };
    socket.on('connect', () => { connected = true; socket.write('GET / HTTP/1.0\\r\\n\\r\\n'); });
    socket.on('data', () => say('answers'));
    socket.on('error', (error) => say(connected ? 'answers' : error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
    socket.on('close', () => say(connected ? 'answers' : 'silent'));
  },
  receive({ n, host, ahead, bytes }) {
    const server = net.createServer((socket) => {
      server.close();
      open.set(n, [socket]);
      let got = 0;
      socket.on('error', () => undefined);
      socket.on('close', () => { if (open.delete(n)) tell(n, { end: true }); });
      socket.on('data', (part) => {
        if (got < ahead && got + part.length >= ahead) socket.write('.');
        got += part.length;
        if (got < ahead + bytes || !open.delete(n)) return;
        tell(n, { now: true, end: true });
        socket.destroy();
      });
    });
    open.set(n, [server]);
    server.on('error', () => { if (open.delete(n)) tell(n, { end: true }); });
    server.listen(0, host, () => tell(n, { port: server.address().port }));
  },
  send({ n, host, port, ahead, bytes }) {
    const socket = net.connect({ host, port });
    open.set(n, [socket]);
    const chunk = Buffer.alloc(65536);
    let left = ahead;
    const write = () => {
      while (left > 0 && open.has(n)) {
        const part = chunk.subarray(0, Math.min(left, chunk.length));
        left -= part.length;
        if (!socket.write(part)) return;
      }
    };
    socket.on('connect', write);
    socket.on('drain', write);
    socket.once('data', () => { tell(n, { now: true }); left = bytes; write(); });
    socket.on('error', () => undefined);
    socket.on('close', () => { if (open.delete(n)) tell(n, { end: true }); });
  },
  end: ({ n }) => end(n),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line);
  verbs[order.verb](order);
}).on('close', () => process.exit(0));
process.stdout.write('{}\\n');
`;

/** What the program tells of one order; `end` and `outcome` are the last that it tells. */
interface Told {
  readonly n?: number;
  readonly outcome?: Connected;
  readonly port?: number;
  readonly now?: boolean;
  readonly end?: boolean;
}

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
  const orders = new Orders(child);
  // Whoever waits for an answer keeps this process alive by a timer; a connector alone does not.
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  (child.stdout as unknown as { unref(): void }).unref();
  return {
    get alive() {
      return orders.alive;
    },
    started: orders.started,
    connect(host, port) {
      let settle = (_: Connected): void => undefined;
      const outcome = new Promise<Connected>((resolve) => (settle = resolve));
      const cancel = orders.give({ verb: 'connect', host, port }, (told) =>
        settle(told?.outcome ?? 'silent'),
      );
      return { outcome, cancel };
    },
    receive(host, ahead, bytes) {
      let listens = (_: number): void => undefined;
      let settle = (_: boolean): void => undefined;
      const port = new Promise<number>((resolve) => (listens = resolve));
      const received = new Promise<boolean>((resolve) => (settle = resolve));
      const cancel = orders.give({ verb: 'receive', host, ahead, bytes }, (told) => {
        // Port 0 refuses whoever is sent there.
        listens(told?.port ?? 0);
        if (told?.port === undefined) settle(told?.now === true);
      });
      return { port, received, cancel };
    },
    send(host, port, ahead, bytes) {
      let settle = (_: boolean): void => undefined;
      const sends = new Promise<boolean>((resolve) => (settle = resolve));
      const cancel = orders.give({ verb: 'send', host, port, ahead, bytes }, (told) =>
        settle(told?.now === true),
      );
      return { sends, cancel };
    },
    close: () => child.stdin?.end(),
  };
}

/** Orders that the program has, and whoever is told of them. */
class Orders {
  alive = true;
  readonly started: Promise<void>;
  readonly #child: ChildProcess;
  /** Told undefined when the program ended. */
  readonly #open = new Map<number, (told: Told | undefined) => void>();
  #begin = (): void => undefined;
  #count = 0;
  #rest = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.started = new Promise<void>((resolve) => (this.#begin = resolve));
    child.once('error', () => this.#end());
    child.once('exit', () => this.#end());
    child.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (part: string) => this.#read(part));
  }

  /** @returns a function that takes the order back; after it nothing more is told of it. */
  give(order: object, onTold: (told: Told | undefined) => void): () => void {
    const n = this.#count++;
    if (!this.alive) {
      onTold(undefined);
      return () => undefined;
    }
    this.#open.set(n, onTold);
    this.#write({ n, ...order });
    return () => {
      if (this.#open.delete(n)) this.#write({ n, verb: 'end' });
    };
  }

  #write(message: object): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #read(part: string): void {
    const lines = (this.#rest + part).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const told = JSON.parse(line) as Told;
      if (told.n === undefined) {
        this.#begin();
        continue;
      }
      const onTold = this.#open.get(told.n);
      if (told.end === true || told.outcome !== undefined) this.#open.delete(told.n);
      onTold?.(told);
    }
  }

  #end(): void {
    this.alive = false;
    this.#begin();
    for (const onTold of this.#open.values()) onTold(undefined);
    this.#open.clear();
  }
}
