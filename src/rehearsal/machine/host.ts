import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../lab-layout.ts';
import { layoutFile } from '../lab-layout.ts';
import type { LabLayout } from '../lab-layout.ts';
import type { LinkRuleRecord } from '../links/link-rule-record.ts';
import { LinkRules } from '../links/link-rules.ts';
import { openTruth } from '../truth/index.ts';
import type { Fact } from '../truth/index.ts';
import type { LaneTime } from './lane.ts';
import { Wire } from './wire.ts';

/** What every process of a lab has: its place on the disk, its network card, its clock, and where it writes what is true. */
export interface Host {
  readonly self: string;
  readonly layout: LabLayout;
  /** What is on the disk of this machine. */
  readonly folder: string;
  readonly rules: LinkRules;
  readonly wire: Wire;
  readonly time: LaneTime;
  readonly truth: (fact: Fact) => void;
}

/** How often a process looks whether its lab is still there. */
const LOOK_MS = 500;

const nowNs = (): number => Number(process.hrtime.bigint());

/** The clock of all processes of one host. */
export const hostTime: LaneTime = {
  nowMs: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Joins the lab in that folder under that name. The process ends by itself when the folder is gone. */
export async function joinLab(labFolder: string, self: string): Promise<Host> {
  const layout = readJson<LabLayout>(layoutFile(labFolder));
  if (layout === undefined) throw new Error(`There is no lab in ${labFolder}.`);
  setInterval(() => {
    if (readJson<LabLayout>(layoutFile(labFolder))?.id !== layout.id) process.exit(0);
  }, LOOK_MS);
  const folder = join(labFolder, 'nodes', self);
  mkdirSync(folder, { recursive: true });
  const truth = openTruth(labFolder, self);
  const rules = new LinkRules(self, { nowNs, after: hostTime.after }, (ended) => {
    if (ended !== undefined) truth({ kind: 'rule-over', id: ended.id });
  });
  for (const rule of rulesOnDisk(labFolder)) rules.add(rule);
  truth({ kind: 'process', name: self, state: 'started' });
  const wire = new Wire({ layout, self, rules, time: hostTime });
  return { self, layout, folder, rules, wire, time: hostTime, truth };
}

/** Those that were added while this machine was off, or before it was. */
function rulesOnDisk(labFolder: string): readonly LinkRuleRecord[] {
  const folder = join(labFolder, 'links');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => parse(join(folder, name)))
    .filter((rule) => rule !== undefined);
}

function parse(file: string): LinkRuleRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LinkRuleRecord;
  } catch {
    return undefined;
  }
}
