import { PRESSURE_KINDS, type PressureKind } from '../../model/abilities.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Felt, Pressure, PressureOrder, PressureTarget } from '../../ports/lab.ts';
import type { LabTools } from './lab-tools.ts';
import { known, mustOnNode, runningNodes } from './node-exec.ts';

/** The program in the node image that holds what is taken; `reference/node-pressure`. */
export const PROGRAM = 'node-pressure';

/** Left to all who share this host: of its memory, and of the disk that the volumes of all nodes lie on. */
export const ROOM_BYTES = 2 * 1024 ** 3;

/**
 * A full table of connections takes some seconds to fill and to empty, and a node without processors many to start a program;
 * more on a host that has much else to do.
 */
const PATIENCE = { ms: 60_000 };

const names = (what: PressureTarget): readonly string[] => [
  '-kind',
  what.kind,
  ...('path' in what ? ['-path', what.path] : []),
  // The kernel keeps 15 letters of the name of a process; a unit and its main process are called alike here.
  ...('unit' in what ? ['-unit', what.unit] : []),
];

/**
 * The command that takes it on its node, and returns when it is held.
 * @param endMs when it ends, on the clock that nodes share with this host.
 */
export const beginCommand = ({ id, run, what, amount }: PressureOrder, endMs: number): readonly string[] => [
  PROGRAM,
  'begin',
  ...['-id', id, '-run', run, ...names(what)],
  ...[
    '-until',
    String(Math.round(endMs)),
    '-amount',
    String(Math.round(amount)),
    '-room',
    String(ROOM_BYTES),
  ],
];

/** Does nothing on nodes that were made before there was such a program. */
const ifThere = (...given: readonly string[]): readonly string[] => [
  '/bin/sh',
  '-c',
  `command -v ${PROGRAM} >/dev/null || exit 0; exec ${PROGRAM} "$@"`,
  PROGRAM,
  ...given,
];

export const endCommand = (id: string): readonly string[] => ifThere('end', '-id', id);

interface Held {
  readonly id: string;
  readonly run: string;
  readonly kind: PressureKind;
}

/** @param text lines of JSON; one that is held and written down besides is there twice. */
export function readHeld(text: string): readonly Held[] {
  const all = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Held);
  return [...new Map(all.map((each) => [each.id, each])).values()];
}

/** @throws SQ_LAB for what is no such answer. */
export function readFelt(text: string): Felt {
  const { total, left, works } = JSON.parse(text) as Partial<Felt>;
  if (typeof total !== 'number' || typeof left !== 'number' || typeof works !== 'boolean')
    throw new HarnessError('SQ_LAB', `A look at a node said ${JSON.stringify(text.slice(0, 100))}.`);
  return { total, left, works };
}

/** One process on the node for each thing that is taken; it ends by the node's own clock. */
export function pressureOf(tools: LabTools): Pressure {
  const runs = async (node: string): Promise<boolean> =>
    (await runningNodes(tools)).includes(known(node).name);
  return {
    get kinds() {
      return PRESSURE_KINDS.filter((kind) => kind !== 'disk' || tools.quotas());
    },
    async press(order) {
      const endMs = Date.parse(tools.clock.wall()) + order.endsAfter.ms;
      await mustOnNode(tools, order.node, beginCommand(order, endMs), { timeout: PATIENCE });
    },
    async relieve(node, id) {
      if (await runs(node)) await mustOnNode(tools, node, endCommand(id), { timeout: PATIENCE });
    },
    async found(node) {
      return (await runs(node)) ? readHeld(await mustOnNode(tools, node, ifThere('list'))) : [];
    },
    async feel(node, what) {
      if (!(await runs(node))) return undefined;
      return readFelt(
        await mustOnNode(tools, node, [PROGRAM, 'feel', ...names(what)], { timeout: PATIENCE }),
      );
    },
  };
}
