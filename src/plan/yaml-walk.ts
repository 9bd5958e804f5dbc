import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { shown, writePath, type Finding, type Path } from './problem.ts';

/** Anchors may repeat a part; what a plan amounts to is bounded all the same. */
const MOST_VALUES = 20_000;
const DEEPEST = 60;

export type Refuse = (offset: number, says: string) => never;
export type TextReplacer = (scalar: string, path: Path) => unknown;

/** Turns the nodes of a YAML document into plain data, and remembers where each value and key stands. */
export class YamlWalk {
  readonly #findings: Finding[];
  readonly #refuse: Refuse;
  /** Filled in the order of the file, so that an alias finds the anchor before it. */
  readonly #anchors = new Map<string, Node>();
  readonly #keyOffsets = new Map<string, number>();
  readonly #valueOffsets = new Map<string, number>();
  readonly #seen = new Set<string>();
  #values = 0;

  /**
   * @param findings where mistakes are added.
   * @param refuse called when aliases make the plan endless or far too large.
   */
  constructor(findings: Finding[], refuse: Refuse) {
    this.#findings = findings;
    this.#refuse = refuse;
  }

  dataOf(node: Node | null, path: Path, replace: TextReplacer = (scalar) => scalar): unknown {
    const place = writePath(path);
    this.#values += 1;
    const offset = node?.range?.[0] ?? 0;
    if (this.#values > MOST_VALUES)
      this.#refuse(offset, `the plan amounts to more than ${MOST_VALUES} values`);
    if (path.length > DEEPEST) this.#refuse(offset, `values are nested deeper than ${DEEPEST} levels`);
    if (node?.range && !this.#valueOffsets.has(place)) this.#valueOffsets.set(place, offset);
    if (isAlias(node)) return this.#aliased(node.source, path, replace);
    if (node?.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isSeq(node))
      return node.items.map((item, index) => this.dataOf(item as Node, [...path, index], replace));
    if (isMap(node)) return this.#mapping(node.items as Pair<Node, Node>[], path, replace);
    if (!isScalar(node)) return null;
    return typeof node.value === 'string' ? replace(node.value, path) : node.value;
  }

  #aliased(anchor: string, path: Path, replace: TextReplacer): unknown {
    const node = this.#anchors.get(anchor);
    if (node) return this.dataOf(node, path, replace);
    this.#found(path, 'value', `*${anchor} names an anchor that is not there`);
    return null;
  }

  #mapping(pairs: readonly Pair<Node, Node>[], path: Path, replace: TextReplacer): Record<string, unknown> {
    const data: Record<string, unknown> = {};
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined || name === '__proto__') {
        this.#found([...path], 'value', `${name ?? 'a list or mapping'} cannot be a key`);
        continue;
      }
      const inner = [...path, name];
      const place = writePath(inner);
      if (Object.hasOwn(data, name)) {
        // The second one is to blame, and the first was remembered.
        if (key.range) this.#keyOffsets.set(place, key.range[0]);
        this.#found(inner, 'key', `${shown(name)} is given twice`);
        continue;
      }
      if (key.range) this.#keyOffsets.set(place, key.range[0]);
      // A key with nothing behind it is shown at the key: the nothing has no place that an editor can go to.
      if (key.range && (value === null || (isScalar(value) && value.value === null))) {
        this.#valueOffsets.set(place, key.range[0]);
      }
      data[name] = this.dataOf(value, inner, replace);
    }
    return data;
  }

  /** Where a finding stands, in characters from the start: at its own place, or at the nearest thing around it. */
  offsetOf(finding: Finding): number {
    const place = writePath(finding.path);
    const own = finding.at === 'key' ? this.#keyOffsets.get(place) : undefined;
    if (own !== undefined) return own;
    for (let length = finding.path.length; length >= 0; length--) {
      const offset = this.#valueOffsets.get(writePath(finding.path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return 0;
  }

  #found(path: Path, at: Finding['at'], says: string): void {
    const key = `${writePath(path)} ${says}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#findings.push({ path, at, says });
  }
}
