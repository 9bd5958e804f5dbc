import type { JSX } from 'preact';
import type { ReportDocument } from '../report-document.ts';
import { shorten, TRUTH_WORDS } from '../wording.ts';
import { Name } from './elements.tsx';
import { HealingSection } from './healing-section.tsx';
import { ObjectivesSection } from './objectives-section.tsx';
import { ProbesSection } from './probes-section.tsx';
import { RecoverySection } from './recovery-section.tsx';
import { EvidenceSection, RepeatSection } from './repeat-section.tsx';
import { SuitesSection } from './suites-section.tsx';
import { Patterns, TimelineSection } from './timeline-section.tsx';
import { TopologySection } from './topology-section.tsx';
import { DisclosureSection, VerdictSection } from './verdict-section.tsx';

interface PageProps {
  readonly document: ReportDocument;
  readonly style: string;
  /** Content security policy: nothing may be loaded, and only this page's own style may be used. */
  readonly policy: string;
}

/** The whole page, top to bottom in the order in which people ask. */
export function Page({ document, style, policy }: PageProps): JSX.Element {
  const { run, verdict } = document;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${TRUTH_WORDS[verdict.truth]}: ${shorten(run.plan, 60)} (Squall)`}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <Patterns />
        <header>
          <p class="brand">Squall</p>
          <p>
            Run <Name length={60}>{run.id}</Name>
          </p>
        </header>
        <main>
          <VerdictSection document={document} />
          <DisclosureSection {...document} />
          <TimelineSection document={document} />
          <ObjectivesSection {...document} />
          <SuitesSection {...document} />
          <RecoverySection {...document} />
          <ProbesSection {...document} />
          <HealingSection {...document} />
          <TopologySection {...document} />
          <RepeatSection {...document} />
          <EvidenceSection {...document} />
        </main>
      </body>
    </html>
  );
}
