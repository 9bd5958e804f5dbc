import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { layoutFile, readJson } from '../lab-layout.ts';
import type { LabLayout } from '../lab-layout.ts';
import type { LinkRuleRecord } from '../links/link-rule-record.ts';
import { LinkRules } from '../links/link-rules.ts';
import { Wire } from '../links/wire.ts';
import { openTruth } from '../truth/index.ts';
import type { Fact } from '../truth/index.ts';

/** What every process of a lab has: its place on the disk, its network card, and where it writes what is true. */
export interface Host {
  readonly self: string;
  readonly layout: LabLayout;
  /** What is on the disk of this machine. */
  readonly folder: string;
  readonly rules: LinkRules;
  readonly wire: Wire;
  readonly truth: (fact: Fact) => void;
}

/** How often a process looks whether its lab is still there. */
const LOOK_MS = 500;

/** Joins the lab in that folder under that name. The process ends by itself when the folder is gone. */
export function joinLab(labFolder: string, self: string): Host {
  const layout = readJson<LabLayout>(layoutFile(labFolder));
  if (layout === undefined) throw new Error(`There is no lab in ${labFolder}.`);
  setInterval(() => {
    if (readJson<LabLayout>(layoutFile(labFolder))?.id !== layout.id) process.exit(0);
  }, LOOK_MS);
  const folder = join(labFolder, 'nodes', self);
  mkdirSync(folder, { recursive: true });
  const rules = new LinkRules(self, () => Number(process.hrtime.bigint()));
  // Those that were added while this machine was off, or before it was.
  for (const file of readdirSync(join(labFolder, 'links')).filter((name) => name.endsWith('.json'))) {
    const rule = readJson<LinkRuleRecord>(join(labFolder, 'links', file));
    if (rule !== undefined) rules.add(rule);
  }
  const truth = openTruth(labFolder, self);
  truth({ kind: 'process', name: self, state: 'started' });
  return { self, layout, folder, rules, wire: new Wire(layout, self, rules), truth };
}
