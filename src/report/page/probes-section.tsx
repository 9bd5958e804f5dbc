import type { JSX } from 'preact';
import type { ReportDocument } from '../report-document.ts';
import { FigureText, Name, NumberText, Section, Table } from './elements.tsx';

/** Every probe's figures. */
export function ProbesSection({ probes }: ReportDocument): JSX.Element | null {
  if (probes.length === 0) return null;
  return (
    <Section
      id="probes"
      title="Probes"
      wide
      lead="Availability is by time, good answers by request. Unseen time counts in neither. Late is how late the prober itself sent."
    >
      <Table
        caption="Probes"
        head={[
          'Probe',
          'Availability',
          'Good answers',
          'Longest outage',
          'Outages',
          'Unseen',
          'p50',
          'p99',
          'Late p99',
          'Samples',
        ]}
        numeric={[1, 2, 3, 4, 5, 6, 7, 8, 9]}
        rows={probes.map((probe, index) => {
          const at = `/probes/${index}`;
          return [
            <Name length={60}>{probe.probe}</Name>,
            <FigureText figure={probe.availability} at={`${at}/availability`} />,
            <FigureText figure={probe.requestRatio} at={`${at}/requestRatio`} />,
            <FigureText figure={probe.longestOutage} at={`${at}/longestOutage`} />,
            <NumberText value={probe.outages} unit="count" at={`${at}/outages`} />,
            <NumberText value={probe.unseenRatio} unit="ratio" at={`${at}/unseenRatio`} />,
            <NumberText value={probe.latencyMs.p50} unit="ms" at={`${at}/latencyMs/p50`} />,
            <NumberText value={probe.latencyMs.p99} unit="ms" at={`${at}/latencyMs/p99`} />,
            <NumberText value={probe.latenessMs.p99} unit="ms" at={`${at}/latenessMs/p99`} />,
            <NumberText value={probe.samples} unit="count" at={`${at}/samples`} />,
          ];
        })}
      />
    </Section>
  );
}
