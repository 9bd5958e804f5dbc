import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const TSX = ['--import', 'tsx'];

export interface Away {
  readonly fromNs: number;
  readonly toNs: number;
}

/** The target in a process of its own. */
export class Target {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, port: number) {
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  static async start(): Promise<Target> {
    const child = spawn(process.execPath, [...TSX, 'bench/probe-engine/target-server.ts'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (child.stdout === null) throw new Error('the target has no output');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first: unknown = JSON.parse(String((await lines.next()).value));
    return new Target(child, lines, (first as { readonly port: number }).port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Goes away for so long; resolves with when it was, once it is back. */
  async away(ms: number): Promise<Away> {
    this.#child.stdin?.write(`away ${ms}\n`);
    return JSON.parse(String((await this.#lines.next()).value)) as Away;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}
