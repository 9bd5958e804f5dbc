import { HarnessError } from '../../model/errors.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';

/** The server no longer has the history that the watch asked for. */
export class HistoryGone extends Error {}

/** One line of a watch. */
export interface WireEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubernetesObject;
}

const TYPES: readonly unknown[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'];

/** No object may be larger than etcd's 1.5 MiB limit for a request; this leaves room for both forms of a secret. */
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * The events of a watch as they arrive.
 * @throws HistoryGone when the server says 410. @throws SQ_BAD_ANSWER for anything that is not an event.
 */
export async function* readWatch(
  chunks: AsyncIterable<Buffer>,
  collection: string,
): AsyncGenerator<WireEvent> {
  for await (const line of linesOf(chunks, collection)) yield readEvent(line, collection);
}

function readEvent(line: string, collection: string): WireEvent {
  let event: { type?: unknown; object?: { code?: unknown; message?: unknown; metadata?: unknown } } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch {
    throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} gave a line that is not JSON.`);
  }
  if (event?.type === 'ERROR') {
    if (event.object?.code === 410)
      throw new HistoryGone('The server has forgotten where the watch was (410).');
    const message = event.object?.message;
    const says = typeof message === 'string' ? message.slice(0, 200).replace(/\.$/, '') : 'no message';
    throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} ended with an error: ${says}.`);
  }
  if (
    !TYPES.includes(event?.type) ||
    typeof event?.object?.metadata !== 'object' ||
    event.object.metadata === null
  ) {
    throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} gave a line that is not an event.`);
  }
  return event as unknown as WireEvent;
}

async function* linesOf(chunks: AsyncIterable<Buffer>, collection: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString('utf8').trim();
      rest = rest.subarray(end + 1);
      if (line !== '') yield line;
    }
    if (rest.length > LONGEST_LINE) {
      throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} gave a line that does not end.`);
    }
  }
  if (rest.toString('utf8').trim() !== '') {
    throw new HarnessError('SQ_BAD_ANSWER', `The watch of ${collection} ended in the middle of a line.`);
  }
}
