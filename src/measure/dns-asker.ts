import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { FailurePhase } from '../model/observation.ts';
import { decodeAnswer, encodeQuestion, type RecordType } from './dns-message.ts';
import { failurePhase } from './failure-phase.ts';
import type { Asker, Asking, Attempt } from './probe-line.ts';

export interface DnsTarget {
  /** Address of the name server: asked as it is, by no other name server. */
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly type: RecordType;
  readonly connection: 'new' | 'reused';
}

/** The status of a sample is this and the response code, so that it is never mistaken for one of HTTP. */
const STATUS_BASE = 1000;
const IDS = 65_536;

/**
 * Asks a name server over UDP, once for each sample: no cache, no second server and no second try, unlike a resolver. `new` asks
 * from a port of its own, as programs do; `reused` from one port for all.
 */
export function createDnsAsker(target: DnsTarget): Asker<unknown> {
  return target.connection === 'new' ? fromNewPorts(target) : fromOnePort(target);
}

function fromNewPorts(target: DnsTarget): Asker<unknown> {
  const open = new Set<Channel>();
  return {
    ask(attempt) {
      const channel = new Channel(target, () => open.delete(channel));
      open.add(channel);
      return channel.ask(attempt, () => channel.close());
    },
    refresh: () => undefined,
    close() {
      for (const channel of open) channel.close();
      return Promise.resolve();
    },
  };
}

function fromOnePort(target: DnsTarget): Asker<unknown> {
  let channel: Channel | undefined;
  return {
    ask(attempt) {
      // A socket that had trouble is not used again.
      channel ??= new Channel(target, () => {
        channel = undefined;
      });
      return channel.ask(attempt, () => undefined);
    },
    refresh: () => undefined,
    close() {
      channel?.close();
      return Promise.resolve();
    },
  };
}

/** One socket, connected so that a port where nobody listens is heard of, with the questions that wait for its answers. */
class Channel {
  readonly #target: DnsTarget;
  readonly #socket: Socket;
  readonly #onClose: () => void;
  readonly #waiting = new Map<number, Attempt>();
  #unsent: Attempt[] = [];
  #phase: FailurePhase = 'connect';
  #closed = false;

  constructor(target: DnsTarget, onClose: () => void) {
    this.#target = target;
    this.#onClose = onClose;
    this.#socket = createSocket(isIPv6(target.host) ? 'udp6' : 'udp4');
    this.#socket.on('message', (bytes) => this.#heard(bytes));
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.once('connect', () => {
      this.#phase = 'wait';
      const unsent = this.#unsent;
      this.#unsent = [];
      for (const attempt of unsent) this.#send(attempt);
    });
    this.#socket.connect(target.port, target.host);
  }

  ask(attempt: Attempt, done: () => void): Asking {
    const ended: Attempt = {
      n: attempt.n,
      finish(failure, status) {
        attempt.finish(failure, status);
        done();
      },
    };
    this.#waiting.set(attempt.n % IDS, ended);
    if (this.#phase === 'connect') this.#unsent.push(ended);
    else this.#send(ended);
    return {
      giveUp: () => {
        this.#waiting.delete(attempt.n % IDS);
        this.#unsent = this.#unsent.filter(({ n }) => n !== attempt.n);
        done();
        return this.#phase;
      },
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#onClose();
  }

  #send({ n }: Attempt): void {
    const { name, type } = this.#target;
    this.#socket.send(encodeQuestion(n % IDS, name, type), (error) => {
      if (error !== null) this.#failed(error);
    });
  }

  #heard(bytes: Buffer): void {
    const answer = decodeAnswer(bytes);
    const attempt = answer === undefined ? undefined : this.#waiting.get(answer.id);
    // What nobody waits for, such as an answer to a question that was given up, says nothing.
    if (answer === undefined || attempt === undefined) return;
    this.#waiting.delete(answer.id);
    const good = answer.code === 0 && answer.answers > 0;
    attempt.finish(good ? undefined : answer.code === 0 ? 'body' : 'status', STATUS_BASE + answer.code);
  }

  #failed(error: Error): void {
    const phase = failurePhase(error, this.#phase);
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    this.close();
    for (const attempt of failed) attempt.finish(phase, 0);
  }
}
