import { appendFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Front } from '../lab-layout.ts';
import type { LinkRuleRecord } from '../links/link-rule-record.ts';

export type StoreGroup = 'etcd' | 'mariadb';

/** One thing that somebody knows first-hand because it served, killed, froze or cut it. */
export type Fact =
  /** `started` begins with nothing up on it; `thawed` goes on where it was. */
  | {
      readonly kind: 'process';
      readonly name: string;
      readonly state: 'started' | 'dead' | 'frozen' | 'thawed';
    }
  | { readonly kind: 'holder'; readonly node: string | null }
  /** The backends that the load balancer of a node has in use. */
  | {
      readonly kind: 'balancer';
      readonly node: string;
      readonly front: Front;
      readonly backends: readonly string[];
    }
  | {
      readonly kind: 'replica';
      readonly node: string;
      readonly front: Front;
      readonly replica: string;
      readonly up: boolean;
    }
  | { readonly kind: 'member'; readonly group: StoreGroup; readonly node: string; readonly up: boolean }
  | { readonly kind: 'leader'; readonly group: StoreGroup; readonly node: string; readonly leads: boolean }
  /** A fault planted at a service as a whole. */
  | { readonly kind: 'planted'; readonly front: Front; readonly down: boolean }
  | { readonly kind: 'rule'; readonly rule: LinkRuleRecord }
  | { readonly kind: 'rule-over'; readonly id: string };

/** On the host's monotonic clock, in nanoseconds. */
export type DatedFact = Fact & { readonly ns: number };

/** @returns how to add a fact; it is in the file when the call returns */
export function openTruth(labFolder: string, writer: string): (fact: Fact, ns?: number) => void {
  const folder = join(labFolder, 'truth');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${writer}.ndjson`);
  return (fact, ns = Number(process.hrtime.bigint())) => {
    try {
      appendFileSync(file, `${JSON.stringify({ ns, ...fact })}\n`, { mode: 0o600 });
    } catch {
      // The folder goes when the lab is taken down, and then nobody asks any more.
    }
  };
}

/** All facts of all writers, in the order in which they became true. */
export function readFacts(labFolder: string): readonly DatedFact[] {
  const folder = join(labFolder, 'truth');
  const facts: DatedFact[] = [];
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.ndjson')))
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n'))
      if (line.startsWith('{') && line.endsWith('}')) facts.push(JSON.parse(line) as DatedFact);
  return facts.sort((a, b) => a.ns - b.ns);
}
