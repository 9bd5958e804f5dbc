import { appendFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Front, StoreGroup } from '../lab-layout.ts';
import { parseJson } from '../lab-layout.ts';
import type { LinkRuleRecord } from '../links/link-rule-record.ts';

/** One thing that somebody knows first-hand because it served, killed, froze or cut it. */
export type Fact =
  /** `started` begins with nothing up on it; `thawed` goes on where it was. */
  | { kind: 'process'; name: string; state: 'started' | 'dead' | 'frozen' | 'thawed' }
  | { kind: 'holder'; node: string | null }
  /** The backends that the load balancer of a node has in use. */
  | { kind: 'balancer'; node: string; front: Front; backends: readonly string[] }
  | { kind: 'replica'; node: string; front: Front; replica: string; up: boolean }
  | { kind: 'member'; group: StoreGroup; node: string; up: boolean }
  | { kind: 'leader'; group: StoreGroup; node: string; leads: boolean }
  /** A fault planted at a service as a whole. */
  | { kind: 'planted'; front: Front; down: boolean }
  | { kind: 'rule'; rule: LinkRuleRecord }
  | { kind: 'rule-over'; id: string };

/** On the host's monotonic clock, in nanoseconds. */
export type DatedFact = Fact & { readonly ns: number };

/** @returns how to add a fact; it is in the file when the call returns */
export function openTruth(labFolder: string, writer: string): (fact: Fact, ns?: number) => void {
  const folder = join(labFolder, 'truth');
  mkdirSync(folder, { recursive: true });
  return (fact, ns = Number(process.hrtime.bigint())) => {
    try {
      appendFileSync(join(folder, `${writer}.ndjson`), `${JSON.stringify({ ns, ...fact })}\n`, {
        mode: 0o600,
      });
    } catch {
      // The folder goes when the lab is taken down, and then nobody asks any more.
    }
  };
}

/** All facts of all writers, in the order in which they became true. */
export function readFacts(labFolder: string): readonly DatedFact[] {
  const files = readdirSync(join(labFolder, 'truth')).filter((name) => name.endsWith('.ndjson'));
  const lines = files.flatMap((name) => readFileSync(join(labFolder, 'truth', name), 'utf8').split('\n'));
  const facts = lines.map((line) => parseJson<DatedFact>(line)).filter((fact) => fact !== undefined);
  return facts.sort((a, b) => a.ns - b.ns);
}
