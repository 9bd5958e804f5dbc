import type { Agreement, AgreementRow } from '../model/analysis.ts';

const MOST_NAMED = 3;

/** One sentence: how often they agree, and where they do not. */
export function agreementSummary({ engine, rows }: Agreement): string {
  const of = (says: AgreementRow['says']): readonly AgreementRow[] => rows.filter((row) => row.says === says);
  const [agree, differ] = [of('agree'), of('differ')];
  const both = agree.filter(({ own }) => own === 'failed').length;
  const short = differ
    .slice(0, MOST_NAMED)
    .map(({ test }) => test.replace(/\[.*$/, '').replace(/^.*\.(?=\w+\.\w+$)/, ''));
  const more = differ.length - short.length;
  const names = `${short.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
  return (
    `Beside ${engine}: ${agree.length} of ${agree.length + differ.length} checks agree (${both} fail in both)` +
    `${differ.length === 0 ? '' : `, ${differ.length} differ: ${names}`}; ${of('not compared').length} could not be compared.`
  );
}
