import type { PressureKind } from '../model/abilities.ts';
import { HarnessError } from '../model/errors.ts';
import type { HealingEntry } from '../model/injection.ts';
import { describeTarget, type BoundTarget } from '../model/schedule.ts';
import type { Felt, Pressure, PressureTarget } from '../ports/lab.ts';
import type { Mark } from '../ports/mark.ts';
import type { ParameterValues } from '../model/catalogue.ts';
import { notSeen, seen, type Fault, type FaultTools, type Finding } from './fault.ts';
import { timeLeft } from './time-left.ts';

/** How it was at one target before, and how much is to be taken there. */
export interface FeltBefore {
  readonly felt: Felt;
  /** As in `PressureOrder`. */
  readonly amount: number;
}

function pressureOf({ lab }: FaultTools, kind: PressureKind): Pressure {
  const { pressure } = lab.abilities;
  if (pressure?.kinds.includes(kind) === true) return pressure;
  throw new HarnessError('SQ_ABILITY_MISSING', `The lab ${lab.name} cannot take ${kind} away from a node.`);
}

/** What tells one kind of pressure from another. */
export interface Pressing {
  readonly kind: PressureKind;
  readonly what: (target: BoundTarget, parameters: ParameterValues) => PressureTarget;
  /** @throws SQ_INJECT_FAILED where it would be beyond what the node has, or show nothing. */
  readonly amountOf: (felt: Felt, name: string, parameters: ParameterValues) => number;
  /** Whether what is felt now is the pressure, against what it was before. */
  readonly shows: (now: Felt, was: FeltBefore, parameters: ParameterValues) => boolean;
  readonly say: (felt: Felt) => string;
}

/** The verbs of a fault that takes something away. */
export function pressing({
  kind,
  what,
  amountOf,
  shows,
  say,
}: Pressing): Pick<
  Fault,
  'lasts' | 'expiryHolder' | 'before' | 'inject' | 'verify' | 'heal' | 'verifyHealed' | 'findMarks'
> {
  const whatOf =
    (parameters: ParameterValues) =>
    (target: BoundTarget): PressureTarget =>
      what(target, parameters);
  return {
    lasts: true,
    expiryHolder: 'target',
    before: ({ targets, parameters }, tools) =>
      feelBefore(targets, whatOf(parameters), tools, (felt, name) => amountOf(felt, name, parameters)),
    inject: (entry, tools) => pressAll(entry, whatOf(entry.parameters), tools),
    verify: (entry, tools) =>
      feelPressed(
        entry,
        whatOf(entry.parameters),
        tools,
        (now, was) => shows(now, was, entry.parameters),
        say,
      ),
    heal: (entry, tools) => relieveAll(entry, kind, tools),
    verifyHealed: (entry, tools) => feelRelieved(entry, whatOf(entry.parameters), tools, say),
    findMarks: (tools) => findPressed(tools, kind),
  };
}

/**
 * One look at each target, and what is to be taken there.
 * @param amountOf throws SQ_INJECT_FAILED where it would be beyond what the node has, or show nothing.
 */
async function feelBefore(
  targets: readonly BoundTarget[],
  what: (target: BoundTarget) => PressureTarget,
  tools: FaultTools,
  amountOf: (felt: Felt, name: string) => number,
): Promise<Readonly<Record<string, unknown>>> {
  const felt: Record<string, FeltBefore> = {};
  // One after the other: who computes beside another feels the other.
  for (const target of targets) {
    const now = await feelNow(target, what(target), tools);
    const name = describeTarget(target);
    if (now === undefined)
      throw new HarnessError(
        'SQ_INJECT_FAILED',
        `${target.node} does not run, so nothing can be taken there.`,
      );
    felt[name] = { felt: now, amount: amountOf(now, name) };
  }
  return { felt };
}

const feelNow = ({ node }: BoundTarget, what: PressureTarget, tools: FaultTools): Promise<Felt | undefined> =>
  pressureOf(tools, what.kind).feel(node, what);

/** What `feelBefore` found, from the entry alone; undefined where the entry does not say. */
const beforeOf = ({ before }: HealingEntry, target: BoundTarget): FeltBefore | undefined =>
  (before['felt'] as Readonly<Record<string, FeltBefore>> | undefined)?.[describeTarget(target)];

/** Takes it at one target after the other: what the nodes share is looked at before each. */
async function pressAll(
  entry: HealingEntry,
  what: (target: BoundTarget) => PressureTarget,
  tools: FaultTools,
): Promise<void> {
  for (const target of entry.targets) {
    const asked = what(target);
    await pressureOf(tools, asked.kind).press({
      id: entry.id,
      run: entry.run,
      node: target.node,
      what: asked,
      amount: beforeOf(entry, target)?.amount ?? 0,
      endsAfter: timeLeft(entry, tools.clock),
    });
  }
}

/** One look at each target. @param shows whether what is felt there now is the pressure, against what it was before. */
async function feelPressed(
  entry: HealingEntry,
  what: (target: BoundTarget) => PressureTarget,
  tools: FaultTools,
  shows: (now: Felt, was: FeltBefore) => boolean,
  say: (felt: Felt) => string,
): Promise<Finding> {
  const without: string[] = [];
  const says: string[] = [];
  for (const target of entry.targets) {
    const was = beforeOf(entry, target);
    const now = await feelNow(target, what(target), tools);
    const name = describeTarget(target);
    if (was === undefined || now === undefined) {
      without.push(`${name} cannot be felt`);
      continue;
    }
    says.push(`${name} had ${say(was.felt)}, has ${say(now)}`);
    if (!shows(now, was)) without.push(name);
  }
  return without.length === 0
    ? seen(`${says.join('; ')}.`)
    : notSeen(`Nothing to be felt at ${without.join(', ')}: ${says.join('; ')}.`);
}

async function relieveAll(entry: HealingEntry, kind: PressureKind, tools: FaultTools): Promise<void> {
  const pressure = pressureOf(tools, kind);
  const nodes = [...new Set(entry.targets.map(({ node }) => node))];
  await Promise.all(nodes.map((node) => pressure.relieve(node, entry.id)));
}

/**
 * One look whether nothing of ours is held at any target, as its kernel lists it, and what it was taken from can be had again. How
 * much of it is left is for those to say who live there: what they need after a while of want is not ours to give back.
 */
async function feelRelieved(
  entry: HealingEntry,
  what: (target: BoundTarget) => PressureTarget,
  tools: FaultTools,
  say: (felt: Felt) => string,
): Promise<Finding> {
  const differences: string[] = [];
  const says: string[] = [];
  for (const target of entry.targets) {
    const asked = what(target);
    const name = describeTarget(target);
    const held = (await pressureOf(tools, asked.kind).found(target.node)).some(({ id }) => id === entry.id);
    const now = await feelNow(target, asked, tools);
    if (held) differences.push(`${name}: was free, is held by ${entry.id}`);
    else if (now?.works === false)
      differences.push(`${name}: had ${sayBefore(entry, target, say)}, has ${say(now)}`);
    says.push(now === undefined ? `${target.node} is off` : `${name} has ${say(now)}`);
  }
  return differences.length === 0
    ? seen(`${says.join('; ')}.`)
    : notSeen('What was taken is not given back.', differences);
}

function sayBefore(entry: HealingEntry, target: BoundTarget, say: (felt: Felt) => string): string {
  const was = beforeOf(entry, target);
  return was === undefined ? 'what nobody knows' : say(was.felt);
}

/** What is held on any node that is on, of one kind. */
async function findPressed({ lab }: FaultTools, kind: PressureKind): Promise<readonly Mark[]> {
  const { pressure } = lab.abilities;
  if (pressure?.kinds.includes(kind) !== true) return [];
  const on = (await lab.status()).nodes.filter(({ power }) => power === 'on');
  const found = await Promise.all(
    on.map(async ({ name }) => (await pressure.found(name)).map((each) => ({ ...each, node: name }))),
  );
  return found
    .flat()
    .filter((each) => each.kind === kind)
    .map(({ id, run, node }) => ({
      id: `${kind} ${node} ${id}`,
      run,
      says: `${kind} of ${node} is held by ${id}`,
      heal: () => pressure.relieve(node, id),
    }));
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

export function sayBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power] ?? ''}`;
}
