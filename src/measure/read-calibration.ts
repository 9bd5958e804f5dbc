import type { CalibrationRung } from '../model/observation.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { readSeries } from './read-series.ts';

/** Each rate of a calibration has a folder in it, named by the multiple of the plan's rate. */
export const CALIBRATION_FOLDER = 'calibration/';

/**
 * The answers at each rate, lowest first; undefined where nothing was calibrated.
 * @throws SQ_RUN_UNREADABLE when a segment is damaged anywhere but in its tail.
 */
export async function readCalibration(folder: RunFolder): Promise<readonly CalibrationRung[] | undefined> {
  const names = await folder.list(CALIBRATION_FOLDER);
  const rates = [...new Set(names.map((name) => name.slice(CALIBRATION_FOLDER.length).split('/')[0] ?? ''))]
    .filter((rate) => rate !== '' && Number.isFinite(Number(rate)))
    .sort((a, b) => Number(a) - Number(b));
  if (rates.length === 0) return undefined;
  return Promise.all(
    rates.map(async (rate) => {
      const { series } = await readSeries(folder, `${CALIBRATION_FOLDER}${rate}/`);
      return { times: Number(rate), series };
    }),
  );
}
