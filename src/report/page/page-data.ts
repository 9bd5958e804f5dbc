import type { Trace } from '../match-trace.ts';
import { traceFigures } from '../trace-figures.ts';
import { shorten } from '../wording.ts';
import type { PageContent } from './page-content.ts';
import type { PageData } from './page-data-shape.ts';
import { MOST_SAMPLES, samplePlanes } from './timeline/sample-planes.ts';

const shortTrace = ({ below, files, how }: Trace): Trace => ({
  below,
  files: files.map((file) => shorten(file)),
  how: shorten(how, 300),
});

/** As JSON in which nothing can end a script element, or be a line break to one. */
const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

export function pageData({ document, series, zeroNs }: PageContent): string {
  const count = series.reduce((total, { samples }) => total + samples.length, 0);
  const data: PageData = {
    traces: traceFigures(document).map(shortTrace),
    samples:
      count > MOST_SAMPLES
        ? []
        : document.probes.map(({ probe }) => {
            const found = series.find((one) => one.probe.name === probe);
            return found === undefined ? null : { ...samplePlanes(found, zeroNs), probe: shorten(probe) };
          }),
  };
  return safeJson(data);
}
