import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  OUTSIDE,
  type LinkEffect,
  type LinkRule,
  type Links,
  type Power,
  type Units,
} from '../../ports/lab.ts';
import { ADDRESS, NODES, PROCESSES, readJson, writeWhole } from '../../rehearsal/lab-layout.ts';
import type { LinkRuleRecord } from '../../rehearsal/links/link-rule-record.ts';
import { openTruth } from '../../rehearsal/truth/index.ts';
import type { ControlClient } from './control-client.ts';
import { readPorts, startedProcesses } from './lab-files.ts';
import { lookFromOutside } from './look-from-outside.ts';
import { signalProcess, stateOfProcess } from './own-process.ts';

export interface LabTools {
  readonly folder: string;
  readonly clock: Clock;
  readonly control: ControlClient;
  /** Starts the process of a node. */
  readonly start: (name: string) => void;
}

/** How often it is looked whether a signal has taken effect, and how long it may take. */
const LOOK_MS = 2;
const EFFECT_MS = 3000;

const pidOf = (folder: string, node: string): number =>
  startedProcesses(folder).find(({ name }) => name === node)?.pid ?? 0;

/** @throws SQ_LAB_ABSENT without a lab. @throws SQ_LAB for a node that it does not have. */
function known(folder: string, node: string): string {
  if (readPorts(folder) === undefined) throw new HarnessError('SQ_LAB_ABSENT', 'The rehearsal is not up.');
  if (!NODES.includes(node)) throw new HarnessError('SQ_LAB', `The rehearsal has no node ${node}.`);
  return node;
}

export function powerOf({ folder, clock, start }: LabTools): Required<Power> {
  const stateOf = (node: string): 'on' | 'off' | 'frozen' => {
    const state = stateOfProcess(pidOf(folder, known(folder, node)), folder);
    return state === 'gone' ? 'off' : state === 'stopped' ? 'frozen' : 'on';
  };
  const truth = (node: string, state: 'dead' | 'frozen' | 'thawed', ns: number): void =>
    openTruth(folder, 'power')({ kind: 'process', name: node, state }, ns);
  const until = async (node: string, wanted: 'on' | 'off' | 'frozen'): Promise<void> => {
    const endNs = clock.now().ns + EFFECT_MS * 1e6;
    while (stateOf(node) !== wanted) {
      if (clock.now().ns > endNs)
        throw new HarnessError('SQ_LAB', `The node ${node} did not become ${wanted}.`);
      await clock.sleep({ ms: LOOK_MS });
    }
  };
  const send = async (
    node: string,
    signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL',
    wanted: 'on' | 'off' | 'frozen',
  ): Promise<void> => {
    const { ns } = clock.now();
    signalProcess(pidOf(folder, node), folder, signal);
    truth(node, wanted === 'off' ? 'dead' : wanted === 'frozen' ? 'frozen' : 'thawed', ns);
    await until(node, wanted);
  };
  return {
    async off(node) {
      if (stateOf(node) !== 'off') await send(node, 'SIGKILL', 'off');
    },
    async on(node) {
      const state = stateOf(node);
      if (state === 'frozen') await send(node, 'SIGCONT', 'on');
      else if (state === 'off') {
        start(node);
        await until(node, 'on');
      }
    },
    async freeze(node) {
      const state = stateOf(node);
      if (state === 'off')
        throw new HarnessError('SQ_LAB', `The node ${node} is off, so it cannot be frozen.`);
      if (state === 'on') await send(node, 'SIGSTOP', 'frozen');
    },
    async thaw(node) {
      if (stateOf(node) === 'frozen') await send(node, 'SIGCONT', 'on');
    },
    state: (node) => Promise.resolve(stateOf(node)),
  };
}

/** What its rules can do, and somebody could see. */
const EFFECTS: readonly LinkEffect['kind'][] = ['cut', 'lose', 'delay'];

export function linksOf({ folder, clock, control }: LabTools): Links {
  const fileOf = (id: string): string => join(folder, 'links', `${encodeURIComponent(id)}.json`);
  const awake = (): readonly string[] =>
    PROCESSES.filter((name) => stateOfProcess(pidOf(folder, name), folder) === 'runs');
  const tellAll = async (verb: string, body: unknown): Promise<void> => {
    // A machine that is off or frozen finds the rule on the disk, or needs it no longer, when it comes back.
    await Promise.all(awake().map((name) => control.ask(name, verb, '/links', body)));
  };
  // Users come in through the process that stands for the address, and through no other.
  const namesOf = (group: readonly string[]): readonly string[] =>
    group.map((name) => (name === OUTSIDE ? ADDRESS : known(folder, name)));
  const onDisk = (): readonly LinkRuleRecord[] =>
    readdirSync(join(folder, 'links'))
      .map((name) => readJson<LinkRuleRecord>(join(folder, 'links', name)))
      .filter((rule) => rule !== undefined)
      .filter(({ endsNs }) => endsNs > clock.now().ns);
  return {
    effects: EFFECTS,
    async add({ expiresAfter, groupA, groupB, ...rest }: LinkRule) {
      if (!EFFECTS.includes(rest.effect.kind))
        throw new HarnessError('SQ_LAB', `The rehearsal offers no rule that would ${rest.effect.kind}.`);
      const rule = { ...rest, groupA: namesOf(groupA), groupB: namesOf(groupB) };
      const record: LinkRuleRecord = { ...rule, endsNs: clock.now().ns + expiresAfter.ms * 1e6 };
      writeWhole(fileOf(rule.id), JSON.stringify(record));
      await tellAll('POST', record);
    },
    async remove(id) {
      rmSync(fileOf(id), { force: true });
      await tellAll('DELETE', { id });
    },
    async rules() {
      const running = awake().filter((name) => NODES.includes(name));
      const told = await Promise.all(
        running.map(async (node) => {
          const rules = (await control.ask(node, 'GET', '/links')) as readonly { id: string; run: string }[];
          return rules.map(({ id, run }) => ({ id, run, node }));
        }),
      );
      const asleep = onDisk().flatMap(({ id, run, groupA, groupB }) =>
        [...groupA, ...groupB].filter((node) => !running.includes(node)).map((node) => ({ id, run, node })),
      );
      const concerned = new Map(onDisk().map(({ id, groupA, groupB }) => [id, [...groupA, ...groupB]]));
      // Every process is told of every rule; it is in place where it has something to act on.
      return [
        ...told.flat().filter(({ id, node }) => concerned.get(id)?.includes(node) !== false),
        ...asleep,
      ];
    },
    async reach(from, to, timeout, port) {
      known(folder, to);
      if (port !== undefined) {
        const says = `The rehearsal tries its links on one port only, so what a rule does on port ${port} could not be seen.`;
        throw new HarnessError('SQ_LAB', says, { remedy: 'Leave `ports` out, or use another lab.' });
      }
      if (stateOfProcess(pidOf(folder, known(folder, from)), folder) !== 'runs') return 'silent';
      const body = { to, timeoutMs: timeout.ms };
      const { look } = (await control.ask(from, 'POST', '/reach', body, timeout.ms + 2000)) as {
        look: 'answers' | 'refused' | 'silent';
      };
      return look;
    },
  };
}

export function unitsOfLab({ folder, clock, control }: LabTools): Units {
  return {
    list: async (node) =>
      (await control.ask(known(folder, node), 'GET', '/units')) as readonly {
        unit: string;
        running: boolean;
        stoppedBy?: string;
      }[],
    async stop(node, unit, { id, startAgainAfter }) {
      await control.ask(known(folder, node), 'POST', '/units/stop', {
        unit,
        id,
        startAgainAfterMs: startAgainAfter.ms,
      });
    },
    async start(node, unit) {
      await control.ask(known(folder, node), 'POST', '/units/start', { unit });
    },
    look(node, unit, timeout) {
      const port = readPorts(folder)?.units[`${known(folder, node)}/${unit}`];
      if (port === undefined) throw new HarnessError('SQ_LAB', `The node ${node} has no unit ${unit}.`);
      return lookFromOutside(port, timeout, clock);
    },
  };
}
