import type { GivenSubject, Subject } from '../model/evidence.ts';
import { byText } from './object-fields.ts';

/** What was discovered, and what was said of it besides. What both have stands once. */
export function joinSubject(found: Subject, said: GivenSubject = {}): Subject {
  const { images = [], charts = [], commit, values, given } = said;
  const missing = charts.filter(
    (chart) => !found.charts.some(({ name, version }) => name === chart.name && version === chart.version),
  );
  return {
    ...found,
    images: [...new Set([...found.images, ...images])].sort(byText),
    charts: [...found.charts, ...missing].sort(
      (a, b) => byText(a.name, b.name) || byText(a.version, b.version),
    ),
    ...(commit === undefined ? {} : { commit }),
    ...(values === undefined || values.length === 0 ? {} : { values }),
    ...(given === undefined || Object.keys(given).length === 0 ? {} : { given }),
  };
}
