import type { Lab } from '../../src/ports/lab.ts';

const PATIENCE = { ms: 800 };

/** What users of a lab find, one line each: every node, every unit, every link between nodes, and rules that are in place. */
export class LabLook {
  readonly #lab: Lab;
  readonly #nodes: readonly string[];
  readonly #units: readonly (readonly [node: string, unit: string])[];
  readonly #before: readonly string[];

  private constructor(
    lab: Lab,
    nodes: readonly string[],
    units: readonly (readonly [string, string])[],
    before: readonly string[],
  ) {
    this.#lab = lab;
    this.#nodes = nodes;
    this.#units = units;
    this.#before = before;
  }

  /** A first look at a lab that is whole; later ones are compared with it. */
  static async at(lab: Lab): Promise<LabLook> {
    const nodes = (await lab.status()).nodes.map(({ name }) => name);
    const listed = await Promise.all(
      nodes.map(async (node) =>
        ((await lab.abilities.units?.list(node)) ?? []).map(({ unit }) => [node, unit] as const),
      ),
    );
    const units = listed.flat();
    const before = await new LabLook(lab, nodes, units, []).#lines();
    const silent = before.filter((line) => !line.endsWith('answers'));
    if (silent.length > 0) throw new Error(`the lab is not whole: ${silent.join('; ')}`);
    return new LabLook(lab, nodes, units, before);
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
    return [...(await Promise.all([...nodes, ...services, ...ways])), ...rules];
  }
}
