import { request } from 'node:http';

export interface Observation {
  readonly sentNs: number;
  readonly doneNs: number;
  readonly well: boolean;
}

const nowNs = (): number => Number(process.hrtime.bigint());

/** Asks once over a connection of its own. */
export function askOnce(
  port: number,
  path: string,
  patienceMs: number,
  headers: Record<string, string> = {},
): Promise<Observation & { body: string }> {
  const sentNs = nowNs();
  return new Promise((resolve) => {
    let body = '';
    const done = (well: boolean): void => {
      clearTimeout(timer);
      sent.destroy();
      resolve({ sentNs, doneNs: nowNs(), well, body });
    };
    const sent = request({ host: '127.0.0.1', port, path, agent: false, headers }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part));
      response.on('end', () => done(response.statusCode === 200));
    });
    sent.on('error', () => done(false));
    const timer = setTimeout(() => done(false), patienceMs);
    sent.end();
  });
}

/** Asks at a steady pace until it is told to stop, whatever became of the questions before. */
export function watchFromOutside(port: number, path: string): () => Promise<readonly Observation[]> {
  const asked: Promise<Observation>[] = [];
  const pace = setInterval(() => asked.push(askOnce(port, path, 300)), 20);
  return () => {
    clearInterval(pace);
    return Promise.all(asked);
  };
}
