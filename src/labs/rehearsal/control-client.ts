import { request } from 'node:http';
import { HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { controlFile, readJson } from '../../rehearsal/lab-layout.ts';
import { readLayout } from './lab-files.ts';

/** Asks one process of the lab something, over a port that no fault touches. */
export class ControlClient {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** @throws SQ_LAB when it does not answer within `patienceMs`, by default 2 s. */
  async ask(name: string, verb: string, path: string, body?: unknown, patienceMs = 2000): Promise<unknown> {
    const port = readJson<number>(controlFile(this.#folder, name));
    const token = readLayout(this.#folder)?.controlToken ?? '';
    const failed = (why: string): HarnessError =>
      new HarnessError(
        'SQ_LAB',
        `The rehearsal's process ${name} did not do what it was asked (${verb} ${path}): ${why}.`,
      );
    if (port === undefined) throw failed('it never started');
    return new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      // Node gives a DELETE no length of its own accord.
      const headers = { authorization: `Bearer ${token}`, 'content-length': Buffer.byteLength(text) };
      const sent = request(
        { host: '127.0.0.1', port, method: verb, path, headers, agent: false },
        (response) => {
          let answer = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => (answer += part));
          response.on('end', () => {
            cancel();
            if (response.statusCode === 200) resolve(JSON.parse(answer) as unknown);
            else reject(failed(`it answered ${response.statusCode ?? 0} ${answer}`));
          });
        },
      );
      const cancel = this.#clock.after(patienceMs, () =>
        sent.destroy(new Error(`nothing for ${patienceMs} ms`)),
      );
      sent.once('error', (error) => {
        cancel();
        reject(failed(error.message));
      });
      sent.end(text);
    });
  }
}
