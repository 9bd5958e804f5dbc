import { createHash } from 'node:crypto';
import { HarnessError } from '../../model/errors.ts';
import type { Look, Units } from '../../ports/lab.ts';
import type { LabTools } from './lab-tools.ts';
import { lookFromHost } from './look-from-host.ts';
import { known, mustOnNode } from './node-exec.ts';
import { AWAY_FOLDER, MANIFEST_FOLDER } from './render/node-units.ts';
import { containerOf, type NodeShape } from './shape.ts';
import { unitsOfNode, type UnitKind } from './unit-kinds.ts';

/** systemd units by systemctl, static pods by their manifest; either is started again by a timer of the node's own. */
export function unitsOf(tools: LabTools): Units {
  return {
    async list(node) {
      const kinds = unitsOfNode(known(node));
      const said = await mustOnNode(tools, node, ['/bin/sh', '-c', listing(kinds)]);
      return readListing(said, Object.keys(kinds));
    },
    async stop(node, unit, { id, startAgainAfter }) {
      const kind = kindOf(known(node), unit);
      await mustOnNode(
        tools,
        node,
        ['/bin/sh', '-ec', stopping(unit, kind, { id, ms: startAgainAfter.ms })],
        {
          timeout: { ms: 60_000 },
        },
      );
    },
    async start(node, unit) {
      const kind = kindOf(known(node), unit);
      await mustOnNode(tools, node, ['/bin/sh', '-c', starting(unit, kind)]);
    },
    look: (node, unit, timeout) => lookAtUnit(tools, known(node), unit, timeout.ms),
  };
}

/** @throws SQ_LAB for a unit that the node does not have. */
function kindOf(node: NodeShape, unit: string): UnitKind {
  const kind = unitsOfNode(node)[unit];
  if (kind === undefined) throw new HarnessError('SQ_LAB', `The node ${node.name} has no unit ${unit}.`);
  return kind;
}

const manifest = (folder: string, unit: string): string => `${folder}/${unit}.yaml`;

/** Prints the names of those that run, and the timers that start again what we stopped. */
export function listing(kinds: Readonly<Record<string, UnitKind>>): string {
  return Object.entries(kinds)
    .map(([unit, { kind }]) =>
      kind === 'systemd'
        ? `systemctl --quiet is-active ${unit} && echo ${unit}`
        : `pgrep --exact ${processName(unit)} >/dev/null && echo ${unit}`,
    )
    .concat(`systemctl list-units --plain --no-legend '${TIMERS}-*.timer'`, 'true')
    .join('\n');
}

/** @param said what `listing` printed. */
export function readListing(
  said: string,
  names: readonly string[],
): readonly { readonly unit: string; readonly running: boolean; readonly stoppedBy?: string }[] {
  const lines = said.split('\n').map((line) => line.trim());
  return names.map((unit) => {
    const timer = lines.find((line) => line.startsWith(`${timerOf(unit)}.timer `));
    const stoppedBy = timer === undefined ? undefined : / squall (\S+)$/.exec(timer)?.[1];
    return { unit, running: lines.includes(unit), ...(stoppedBy === undefined ? {} : { stoppedBy }) };
  });
}

/** The kernel keeps 15 letters of a name. */
const processName = (unit: string): string => unit.slice(0, 15);

/** The timer is there before anything stops, and its name tells which fault it is of. */
export function stopping(
  unit: string,
  kind: UnitKind,
  mark: { readonly id: string; readonly ms: number },
): string {
  const timer = timerOf(unit);
  const seconds = Math.max(1, mark.ms) / 1000;
  return [
    `systemctl stop ${timer}.timer 2>/dev/null || true`,
    `systemctl reset-failed ${timer}.service 2>/dev/null || true`,
    `systemd-run --quiet --unit=${timer} --description="squall ${sayable(mark.id)}" --on-active=${seconds}s ` +
      `--timer-property=AccuracySec=50ms /bin/sh -c '${givingBack(unit, kind)}'`,
    kind.kind === 'systemd'
      ? `systemctl stop ${unit}`
      : `mkdir -p ${AWAY_FOLDER}; [ ! -e ${manifest(MANIFEST_FOLDER, unit)} ] || mv ${manifest(MANIFEST_FOLDER, unit)} ${AWAY_FOLDER}/`,
    ...(kind.kind === 'systemd' ? [] : [untilGone(processName(unit))]),
  ].join('\n');
}

/** Where it fails the timer stays: it is what starts the unit at the declared end. */
export const starting = (unit: string, kind: UnitKind): string =>
  `{ ${givingBack(unit, kind)}; } || exit $?; systemctl stop ${timerOf(unit)}.timer 2>/dev/null; exit 0`;

/** The kubelet sees that its manifest is gone; a component that is slow to be told is told by us. */
const untilGone = (name: string): string =>
  `tries=0; while pgrep --exact ${name} >/dev/null && [ $tries -lt 300 ]; do
  tries=$((tries + 1)); [ $tries -ne 15 ] || pkill -TERM --exact ${name}; sleep 0.1
done`;

const givingBack = (unit: string, kind: UnitKind): string =>
  kind.kind === 'systemd'
    ? `systemctl start ${unit}`
    : `[ ! -e ${manifest(AWAY_FOLDER, unit)} ] || mv ${manifest(AWAY_FOLDER, unit)} ${MANIFEST_FOLDER}/`;

const TIMERS = 'squall-again';

/** One for each unit: a second stop takes the place of the first. */
const timerOf = (unit: string): string =>
  `${TIMERS}-${createHash('sha256').update(unit).digest('hex').slice(0, 8)}`;

const sayable = (id: string): string => id.replace(/[^\w./:@#-]/g, '_');

async function lookAtUnit(tools: LabTools, node: NodeShape, unit: string, timeoutMs: number): Promise<Look> {
  const kind = kindOf(node, unit);
  if ('port' in kind) return lookFromHost(node.address, kind.port, { ms: timeoutMs }, tools.clock);
  const found = await tools.engine.inspect(containerOf(node.name));
  if (found?.state !== 'running') return 'silent';
  // Starting a command in a node takes time of its own, which the unit is not to be blamed for.
  const { code } = await tools.engine.exec(containerOf(node.name), kind.ask, {
    timeout: { ms: timeoutMs + 2000 },
  });
  return code === 0 ? 'answers' : code === 124 ? 'silent' : 'refused';
}
