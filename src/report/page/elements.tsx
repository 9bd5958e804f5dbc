import type { ComponentChildren, JSX } from 'preact';
import type { Figure, Truth } from '../../model/verdict.ts';
import { formatError, formatFigure, formatMoment, formatNumber, shorten, TRUTH_WORDS } from '../wording.ts';

/** A JSON pointer (RFC 6901) into `report.json`: where a figure of the page comes from. */
export type Pointer = string;

/** A figure with its error. `value` holds the edges as they are in `report.json`, and `data-at` says where. */
export function FigureText({ figure, at }: { figure: Figure; at: Pointer }): JSX.Element {
  return (
    <data class="figure" value={`${figure.min}..${figure.max} ${figure.unit}`} data-at={at}>
      {formatFigure(figure)}
    </data>
  );
}

/** One number of `report.json`. */
export function NumberText({
  value,
  unit,
  at,
}: {
  value: number;
  unit: Figure['unit'];
  at: Pointer;
}): JSX.Element {
  return (
    <data class="figure" value={`${value} ${unit}`} data-at={at}>
      {formatNumber(value, unit)}
    </data>
  );
}

/** A moment since the start of the run, which no line break may part from its unit. */
export function Moment({ ms }: { ms: number }): JSX.Element {
  return <span class="moment">{formatMoment(ms)}</span>;
}

/** How far the middle of a figure may be off. */
export function ErrorText({ figure }: { figure: Figure | undefined }): JSX.Element {
  return figure === undefined ? (
    <span class="quiet">none given</span>
  ) : (
    <span class="figure">{formatError(figure)}</span>
  );
}

const SIGNS: Readonly<Record<string, string>> = {
  pass: '✓',
  passed: '✓',
  fail: '✗',
  failed: '✗',
  unknown: '?',
  skipped: '–',
};

/** A word with its sign and colour: the word and the sign say it without the colour. */
export function Mark({ kind, children }: { kind: string; children: ComponentChildren }): JSX.Element {
  const tone = kind.replace(/ed$/, '');
  return (
    <span class={`mark ${tone}`}>
      <span aria-hidden="true">{SIGNS[kind] ?? '•'}</span> {children}
    </span>
  );
}

export function TruthMark({ truth }: { truth: Truth }): JSX.Element {
  return <Mark kind={truth}>{TRUTH_WORDS[truth]}</Mark>;
}

/** A name as it is on the system, cut where it would break the page; the whole of it is in `report.json`. */
export function Name({ children, length }: { children: string; length?: number }): JSX.Element {
  return <code>{shorten(children, length)}</code>;
}

interface SectionProps {
  readonly id: string;
  readonly title: string;
  /** One sentence that says how to read the section. */
  readonly lead?: ComponentChildren;
  /** Takes the whole width of a wide screen. */
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

export function Section({ id, title, lead, wide = false, children }: SectionProps): JSX.Element {
  return (
    <section aria-labelledby={id} class={wide ? 'wide' : ''}>
      <h2 id={id}>{title}</h2>
      {lead === undefined ? null : <p class="lead">{lead}</p>}
      {children}
    </section>
  );
}

interface TableProps {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly ComponentChildren[])[];
  /** Columns that hold figures, counted from zero. */
  readonly numeric?: readonly number[];
  /** A last row for the scales of charts; it is for the eye alone. */
  readonly foot?: readonly ComponentChildren[];
  /** Rows beyond this are counted instead of shown. */
  readonly most?: number;
}

/**
 * A table that becomes a stack of cards on a narrow screen. The roles are written out because a table that is laid out
 * otherwise loses its own in the accessibility tree.
 */
export function Table({ caption, head, rows, numeric = [], foot, most = 200 }: TableProps): JSX.Element {
  const side = (column: number): string => (numeric.includes(column) ? 'number' : '');
  return (
    <>
      <table role="table" aria-label={caption} class={head.length > 8 ? 'many' : ''}>
        <thead role="rowgroup">
          <tr role="row">
            {head.map((title, column) => (
              <th role="columnheader" scope="col" class={side(column)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.slice(0, most).map((cells) => (
            <tr role="row">
              {cells.map((cell, column) => (
                <td role="cell" class={side(column)} data-label={head[column]}>
                  <div>{cell}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {foot === undefined ? null : (
          <tfoot aria-hidden="true">
            <tr>
              {foot.map((cell) => (
                <td>{cell}</td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
      {rows.length > most ? <p class="quiet">{rows.length - most} more are in report.json.</p> : null}
    </>
  );
}
