import type { JSX } from 'preact';
import type { ReportedDurability } from '../report-document.ts';
import { Mark, Name, NumberText, Table } from './elements.tsx';

const COUNTS = ['acknowledged', 'lost', 'unread', 'indefinite', 'indefiniteFound'] as const;

/** What became of the writes that the system said it has. */
export function Durability({ durability }: { durability: readonly ReportedDurability[] }): JSX.Element {
  return (
    <>
      <h3>Durability of writes</h3>
      <Table
        caption="Durability of writes"
        head={[
          'Verdict',
          'Probe',
          'Acknowledged',
          'Lost',
          'Not readable',
          'Without an answer',
          'of these there',
        ]}
        numeric={[2, 3, 4, 5, 6]}
        rows={durability.map((one, index) => [
          <Mark kind={one.lost > 0 ? 'fail' : one.unread > 0 ? 'unknown' : 'pass'}>
            {one.lost > 0 ? 'lost' : one.unread > 0 ? 'unknown' : 'kept'}
          </Mark>,
          <Name length={60}>{one.probe}</Name>,
          ...COUNTS.map((count) => (
            <NumberText value={one[count]} unit="count" at={`/durability/${index}/${count}`} />
          )),
        ])}
      />
    </>
  );
}
