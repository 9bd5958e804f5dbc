import { createSystemClock } from '../adapters/system/system-clock.ts';
import { connect } from './connect.ts';
import { openLane, type OpenLane } from '../conformance/lane.ts';
import { describeError } from '../model/errors.ts';
import type { FromLane, LaneAssignment, ToLane } from '../ports/lanes.ts';

/** Time for the last messages to leave before the process does. */
const LAST_WORDS_MS = 1000;

/** The file that is being worked on, for the message about an error that no case caught. */
let suite = '';
let lane: OpenLane | undefined;
/** What came while the clients were being made. */
const early: ToLane[] = [];
let lastSent: Promise<void> = Promise.resolve();

function send(message: FromLane): void {
  if (!process.connected) return;
  lastSent = new Promise((resolve) => process.send?.(message, () => resolve()));
}

function receive(message: ToLane): void {
  if (message.kind !== 'stop') suite = message.file.name;
  if (lane === undefined) early.push(message);
  else lane.receive(message);
}

async function open(assignment: LaneAssignment): Promise<void> {
  const { connection } = assignment;
  const clock = createSystemClock();
  const clients = await connect(connection, clock);
  lane = openLane(assignment, { clock, ...clients, send });
  for (const message of early.splice(0)) lane.receive(message);
  await lane.closed;
  leave(0);
}

/** Connections to the systems may still be open, so the process does not wait for them. */
function leave(code: number): void {
  setTimeout(() => process.exit(code), LAST_WORDS_MS);
  void lastSent.then(() => process.exit(code));
}

function giveUp(error: unknown): void {
  const says = describeError(error);
  process.stderr.write(`${says}\n`);
  if (suite !== '')
    send({ kind: 'file-failed', suite, says: `The lane ended on an error that no case caught: ${says}` });
  leave(1);
}

process.once('message', (assignment) => {
  process.on('message', (message) => receive(message as ToLane));
  open(assignment as LaneAssignment).catch(giveUp);
});
process.on('uncaughtException', (error) => {
  // While a case runs, mocha hears of it too, and fails the case.
  if (lane?.isRunningCases !== true) giveUp(error);
});
process.on('unhandledRejection', (reason) => {
  // Mocha hands rejections back to whoever listens, and hears of exceptions only.
  throw reason;
});
// The harness is gone: what was created is in its ledger, and nobody would hear of anything else.
process.on('disconnect', () => process.exit(1));
