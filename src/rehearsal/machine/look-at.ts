import type { WireStream } from '../links/wire-stream.ts';

/** Connects as a service there would: an answer, a refusal, or silence until the time is over. */
export function lookAt(stream: WireStream, timeoutMs: number): Promise<'answers' | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const done = (look: 'answers' | 'refused' | 'silent'): void => {
      clearTimeout(timer);
      resolve(look);
      stream.destroy();
    };
    const timer = setTimeout(() => done('silent'), timeoutMs);
    stream.once('data', () => done('answers'));
    stream.once('close', () => done('refused'));
  });
}
