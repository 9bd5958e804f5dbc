import { openConnector, type NamespaceConnector } from '../../adapters/linux-host/namespace-connector.ts';
import type { Duration } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Look } from '../../ports/lab.ts';
import { BURST_KBYTES } from './link-elements.ts';
import type { LabTools } from './lab-tools.ts';
import { containerOf, type NodeShape } from './shape.ts';

/** Asking the engine takes longer than a connection; what it said is good for this long. */
const FRESH_MS = 500;

/** Starting such a process takes a tenth of a second on a host that has nothing else to do. */
const START_WITHIN_MS = 15_000;

/**
 * Sent before so many bytes are measured: after a rest the kernel lets through at once what a limit allows in a second, and its
 * burst, and only what comes after that tells how fast it is.
 * @param bytes at least what passes in a second.
 */
const aheadOf = (bytes: number): number => BURST_KBYTES * 1024 + bytes;

interface Life {
  readonly askedNs: number;
  readonly pid: Promise<number>;
}

/** Connections made from inside of nodes, as a service there would: one small process in each node's network that is asked for. */
export class Reachers {
  readonly #tools: LabTools;
  readonly #lives = new Map<string, Life>();
  readonly #connectors = new Map<string, { readonly pid: number; readonly connector: NamespaceConnector }>();

  constructor(tools: LabTools) {
    this.#tools = tools;
  }

  async reach(from: NodeShape, host: string, port: number, timeout: Duration): Promise<Look> {
    const pid = await this.#pidOf(from.name);
    // Nobody is there to try.
    if (pid === 0) return 'silent';
    const connector = this.#connectorOf(from.name, pid);
    await this.#untilStarted(from.name, connector);
    const { outcome, cancel } = connector.connect(host, port);
    return new Promise((resolve) => {
      const stop = this.#tools.clock.after(timeout.ms, () => {
        cancel();
        resolve('silent');
      });
      void outcome.then((look) => {
        stop();
        resolve(look);
      });
    });
  }

  /** @returns bytes per second; 0 when not all of them arrived in time, or one of the two nodes does not run. */
  async transfer(from: NodeShape, to: NodeShape, bytes: number, timeout: Duration): Promise<number> {
    const pids = await Promise.all([this.#pidOf(from.name), this.#pidOf(to.name)]);
    if (pids.includes(0)) return 0;
    const sender = this.#connectorOf(from.name, pids[0]);
    const receiver = this.#connectorOf(to.name, pids[1]);
    await Promise.all([this.#untilStarted(from.name, sender), this.#untilStarted(to.name, receiver)]);
    const receiving = receiver.receive(to.address, aheadOf(bytes), bytes);
    let over = (_: undefined): void => undefined;
    const late = new Promise<undefined>((resolve) => (over = resolve));
    const stop = this.#tools.clock.after(timeout.ms, () => over(undefined));
    let sending: ReturnType<NamespaceConnector['send']> | undefined;
    try {
      const port = await Promise.race([receiving.port, late]);
      if (port === undefined || port === 0) return 0;
      sending = sender.send(to.address, port, aheadOf(bytes), bytes);
      const times = Promise.all([this.#when(sending.sends), this.#when(receiving.received)]);
      const [sentNs, receivedNs] = (await Promise.race([times, late])) ?? [];
      if (sentNs === undefined || receivedNs === undefined) return 0;
      return (bytes * 1e9) / Math.max(1, receivedNs - sentNs);
    } finally {
      stop();
      sending?.cancel();
      receiving.cancel();
    }
  }

  /** undefined for what never comes. */
  async #when(comes: Promise<boolean>): Promise<number | undefined> {
    return (await comes) ? this.#tools.clock.now().ns : undefined;
  }

  /** What cannot ask must not be taken for a link that is silent. @throws SQ_LAB */
  async #untilStarted(node: string, { started }: NamespaceConnector): Promise<void> {
    let cancel = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = this.#tools.clock.after(START_WITHIN_MS, () =>
        reject(
          new HarnessError('SQ_LAB', `Nobody could be put into the network of ${node} to try its links.`),
        ),
      );
    });
    try {
      await Promise.race([started, late]);
    } finally {
      cancel();
    }
  }

  /** 0 when the node's processes do not run. */
  async #pidOf(node: string): Promise<number> {
    const { clock, engine } = this.#tools;
    const known = this.#lives.get(node);
    if (known !== undefined && clock.now().ns - known.askedNs < FRESH_MS * 1e6) return known.pid;
    const pid = engine
      .inspect(containerOf(node))
      .then((found) => (found?.state === 'running' ? found.pid : 0));
    this.#lives.set(node, { askedNs: clock.now().ns, pid });
    return pid;
  }

  #connectorOf(node: string, pid: number): NamespaceConnector {
    const open = this.#connectors.get(node);
    if (open?.pid === pid && open.connector.alive) return open.connector;
    // The namespace of a node that was off is another one.
    open?.connector.close();
    const connector = openConnector(pid);
    this.#connectors.set(node, { pid, connector });
    return connector;
  }
}
