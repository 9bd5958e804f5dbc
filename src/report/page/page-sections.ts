import { availabilitySection } from './availability-section.tsx';
import { calibrationSection } from './calibration-section.tsx';
import { evidenceSection } from './evidence-section.tsx';
import { healingSection } from './healing-section.tsx';
import { historySection } from './history-section.tsx';
import { objectivesSection } from './objectives-section.tsx';
import type { PageSection } from './page-content.ts';
import { probesSection } from './probes-section.tsx';
import { recoverySection } from './recovery-section.tsx';
import { repeatSection } from './repeat-section.tsx';
import { suitesSection } from './suites-section.tsx';
import { timelineSection } from './timeline/timeline-section.tsx';
import { topologySection } from './topology-section.tsx';

/** The sections below verdict and disclosures, in the order in which people ask. A new one is a file and a line here. */
export const pageSections: readonly PageSection[] = [
  timelineSection,
  objectivesSection,
  recoverySection,
  historySection,
  availabilitySection,
  suitesSection,
  probesSection,
  calibrationSection,
  topologySection,
  healingSection,
  repeatSection,
  evidenceSection,
];
