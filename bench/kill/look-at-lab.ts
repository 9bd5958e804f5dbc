import { createKubernetesApi } from '../../src/adapters/kubernetes/index.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import type { KubernetesApi } from '../../src/ports/kubernetes.ts';
import type { Lab } from '../../src/ports/lab.ts';

const PATIENCE = { ms: 800 };
/** A list of nodes is more than a sign of life. */
const LIST_PATIENCE = { ms: 5000 };
/** A lab that has just come up on a busy host may be late with an answer. */
const FIRST_LOOKS = 10;

/**
 * What users of a lab find, one line each: every node, every unit, every link between nodes, rules that are in place, and which
 * nodes take pods.
 */
export class LabLook {
  readonly #lab: Lab;
  readonly #api: KubernetesApi;
  readonly #nodes: readonly string[];
  readonly #units: readonly (readonly [node: string, unit: string])[];
  readonly #before: readonly string[];

  private constructor(
    lab: Lab,
    api: KubernetesApi,
    nodes: readonly string[],
    units: readonly (readonly [string, string])[],
    before: readonly string[],
  ) {
    this.#lab = lab;
    this.#api = api;
    this.#nodes = nodes;
    this.#units = units;
    this.#before = before;
  }

  /** A first look at a lab that is whole; later ones are compared with it. */
  static async at(lab: Lab): Promise<LabLook> {
    const { nodes: found, connection } = await lab.status();
    const nodes = found.map(({ name }) => name);
    const api = await createKubernetesApi({ connection, environment: {}, clock: createSystemClock() });
    const listed = await Promise.all(
      nodes.map(async (node) =>
        ((await lab.abilities.units?.list(node)) ?? []).map(({ unit }) => [node, unit] as const),
      ),
    );
    const units = listed.flat();
    let silent: readonly string[] = [];
    for (let looks = 0; looks < FIRST_LOOKS; looks++) {
      const before = await new LabLook(lab, api, nodes, units, []).#lines();
      silent = before.filter((line) => !/ (answers|takes pods)$/.test(line));
      if (silent.length === 0) return new LabLook(lab, api, nodes, units, before);
    }
    throw new Error(`the lab is not whole: ${silent.join('; ')}`);
  }

  /** Lines of a diff between before and now; empty when all is as it was. */
  async differences(): Promise<readonly string[]> {
    const now = await this.#lines();
    return [
      ...this.#before.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
      ...now.filter((line) => !this.#before.includes(line)).map((line) => `+ ${line}`),
    ];
  }

  async #lines(): Promise<readonly string[]> {
    const { look, units, links } = this.#lab.abilities;
    const nodes = this.#nodes.map(async (node) => `node ${node} ${(await look?.(node, PATIENCE)) ?? '?'}`);
    const services = this.#units.map(
      async ([node, unit]) => `unit ${node}/${unit} ${(await units?.look(node, unit, PATIENCE)) ?? '?'}`,
    );
    const ways = this.#nodes.flatMap((from) =>
      this.#nodes
        .filter((to) => to !== from)
        .map(async (to) => {
          const found = await links?.reach(from, to, PATIENCE).catch(() => 'silent');
          return `link ${from} -> ${to} ${found ?? '?'}`;
        }),
    );
    const rules = ((await links?.rules().catch(() => [])) ?? []).map(
      ({ id, node }) => `rule ${id} on ${node}`,
    );
    return [...(await Promise.all([...nodes, ...services, ...ways])), ...rules, ...(await this.#cordons())];
  }

  async #cordons(): Promise<readonly string[]> {
    const found = await this.#api
      .list('/api/v1/nodes', { signal: AbortSignal.timeout(LIST_PATIENCE.ms) })
      .catch(() => undefined);
    return this.#nodes.map((node) => {
      const object = found?.find(({ metadata }) => metadata.name === node);
      const { unschedulable } = (object?.['spec'] ?? {}) as { readonly unschedulable?: boolean };
      const says = unschedulable === true ? 'takes none' : 'takes pods';
      return `cordon ${node} ${object === undefined ? '?' : says}`;
    });
  }
}
