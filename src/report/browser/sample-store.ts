import { OUTCOMES, PHASES, type SamplePlanes, type SampleRun } from '../page/timeline/sample-code.ts';

export interface StoredSample {
  readonly n: number;
  readonly plannedMs: number;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly impaired: boolean;
  readonly phase?: string;
  readonly tookMs: number;
}

/** All samples of one probe, unpacked. */
export interface SampleStore {
  readonly runs: readonly (SampleRun & { readonly offset: number })[];
  readonly codes: Uint8Array;
  readonly took: Uint16Array;
}

function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

export function openStore({ runs, codes, took }: SamplePlanes): SampleStore {
  const bytes = bytesOf(took);
  const tenths = new Uint16Array(bytes.length / 2);
  for (let index = 0; index < tenths.length; index++)
    tenths[index] = (bytes[index * 2] ?? 0) | ((bytes[index * 2 + 1] ?? 0) << 8);
  let offset = 0;
  const placed = runs.map((run) => {
    offset += run.count;
    return { ...run, offset: offset - run.count };
  });
  return { runs: placed, codes: bytesOf(codes), took: tenths };
}

/** The sample that was planned nearest to a moment, when there is one within a period. */
export function sampleNear({ runs, codes, took }: SampleStore, ms: number): StoredSample | undefined {
  for (const { fromMs, everyMs, first, count, offset } of runs) {
    const place = Math.round((ms - fromMs) / everyMs);
    if (place < 0 || place >= count) continue;
    const code = codes[offset + place] ?? 0;
    const phase = PHASES[(code >> 3) - 1];
    return {
      n: first + place,
      plannedMs: fromMs + place * everyMs,
      outcome: OUTCOMES[code & 3] ?? 'unknown',
      impaired: (code & 4) !== 0,
      ...(phase === undefined ? {} : { phase }),
      tookMs: (took[offset + place] ?? 0) / 10,
    };
  }
  return undefined;
}
