import cliui from 'cliui';

export type Row = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Between two columns. */
const GAP = 2;

/** No column but the last is wider than this; longer words are wrapped. */
const WIDEST = 48;

/** Where the width of the output is not known: a file or a pipe, where lines should stay whole. */
const UNBOUNDED = 400;

/** Rows on stdout: in columns for people, or as a JSON array of the same rows. */
export function printRows(rows: readonly Row[], output: 'table' | 'json'): void {
  if (output === 'json') {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const names = Object.keys(rows[0] ?? {});
  const table = [
    names.map((name) => name.toUpperCase()),
    ...rows.map((row) => names.map((name) => String(row[name] ?? ''))),
  ];
  const widths = names.map(
    (_, column) => Math.min(WIDEST, Math.max(...table.map((cells) => cells[column]?.length ?? 0))) + GAP,
  );
  const ui = cliui({ width: process.stdout.columns ?? UNBOUNDED, wrap: true });
  for (const cells of table) {
    const last = cells.length - 1;
    ui.div(
      ...cells.map((text, column) =>
        column === last
          ? { text, padding: [0, 0, 0, 0] }
          : { text, width: widths[column] ?? 0, padding: [0, GAP, 0, 0] },
      ),
    );
  }
  process.stdout.write(`${ui.toString()}\n`);
}
