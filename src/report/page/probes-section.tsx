import { FigureText, Name, NumberText, Table } from './elements.tsx';
import type { PageSection } from './page-content.ts';
import { Durability } from './durability.tsx';

const HEAD = [
  'Probe',
  'Longest outage',
  'Outages',
  'Unseen',
  'Impaired',
  'p50',
  'p95',
  'p99',
  'Late p99',
  'Failed',
  'Samples',
];

/** Every probe's other figures, those of the prober itself among them. */
export const probesSection: PageSection = {
  id: 'probes',
  title: 'Probes',
  wide: true,
  lead: () =>
    'p50 to p99 is the latency of answers. Late is how late the prober itself sent, and impaired the share in which it was held up: the error of every edge has both in it.',
  render({ document: { probes, durability } }) {
    if (probes.length === 0) return null;
    return (
      <>
        <Table
          caption="Probes"
          head={HEAD}
          numeric={HEAD.map((_, column) => column).slice(1)}
          rows={probes.map((probe, index) => {
            const at = `/probes/${index}`;
            return [
              <Name length={60}>{probe.probe}</Name>,
              <FigureText figure={probe.longestOutage} at={`${at}/longestOutage`} />,
              <NumberText value={probe.outages} unit="count" at={`${at}/outages`} />,
              <NumberText value={probe.unseenRatio} unit="ratio" at={`${at}/unseenRatio`} />,
              <NumberText value={probe.impairedRatio} unit="ratio" at={`${at}/impairedRatio`} />,
              <NumberText value={probe.latencyMs.p50} unit="ms" at={`${at}/latencyMs/p50`} />,
              <NumberText value={probe.latencyMs.p95} unit="ms" at={`${at}/latencyMs/p95`} />,
              <NumberText value={probe.latencyMs.p99} unit="ms" at={`${at}/latencyMs/p99`} />,
              <NumberText value={probe.latenessMs.p99} unit="ms" at={`${at}/latenessMs/p99`} />,
              <NumberText value={probe.failures} unit="count" at={`${at}/failures`} />,
              <NumberText value={probe.samples} unit="count" at={`${at}/samples`} />,
            ];
          })}
        />
        {durability === undefined ? null : <Durability durability={durability} />}
      </>
    );
  },
};
