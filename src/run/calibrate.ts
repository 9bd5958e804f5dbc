import { calibrationOf } from '../analysis/index.ts';
import { CALIBRATION_FOLDER, calibrationLadder, readCalibration, type Rung } from '../measure/index.ts';
import type { Calibration } from '../model/analysis.ts';
import { milliseconds } from '../model/duration.ts';
import type { Session } from './session.ts';
import { startProber } from './start-prober.ts';

/**
 * Before anything is hurt: asks at one rate after the other, and ends with the first at which the system is no more surely as
 * fast as at the lowest. It refuses nothing; what it found is in `calibration.json` and in the analysis.
 */
export async function calibrate(session: Session, stop: AbortSignal): Promise<void> {
  const { world, request, earlier } = session;
  const { calibration, probes } = request.plan;
  // A run that is gone on with has hurt the system already.
  if (calibration === undefined || earlier !== undefined) return;
  let found: Calibration | undefined;
  for (const rung of calibrationLadder(calibration, probes)) {
    await askAt(rung, session, stop);
    found = calibrationOf((await readCalibration(world.folder)) ?? []);
    const { state } = found.rungs.at(-1) ?? {};
    if (state === 'not-flat' || (state === 'unknown' && rung.times >= 1)) break;
  }
  if (found === undefined) return;
  await world.folder.write('calibration.json', found);
  for (const says of told(found)) world.progress.report({ kind: 'event', says });
  if (found.planned !== 'not-flat') return;
  const says =
    'The plan asks so often that the system answers more slowly for it: what is measured is also its own load.';
  world.progress.report({ kind: 'note', level: 'warning', says });
}

async function askAt({ times, specs, lastsMs }: Rung, session: Session, stop: AbortSignal): Promise<void> {
  const prober = await startProber(session, specs, `${CALIBRATION_FOLDER}${times}/host`, stop);
  try {
    await session.world.clock.sleep(milliseconds(lastsMs), stop);
  } finally {
    await prober.stop();
  }
}

function told({ rungs, flatUpTo }: Calibration): readonly string[] {
  const last = rungs.at(-1);
  if (flatUpTo === undefined)
    return [`No rate above the lowest was shown to leave the system as it is. ${last?.says ?? ''}`];
  const finest = Math.min(...flatUpTo.probes.map(({ surelySeenMs }) => surelySeenMs));
  const coarsest = Math.max(...flatUpTo.probes.map(({ surelySeenMs }) => surelySeenMs));
  return [
    `The system answers evenly up to ${flatUpTo.perSecond} requests a second, ${flatUpTo.times} times the plan's rate; ` +
      `that shows every outage above ${finest.toFixed(0)} ms at the finest probe, ${coarsest.toFixed(0)} ms at the coarsest.`,
    ...(last?.state === 'not-flat' ? [`At ${last.perSecond} a second no more: ${last.says}`] : []),
  ];
}
