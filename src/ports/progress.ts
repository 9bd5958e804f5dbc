import type { CaseResult } from '../model/conformance.ts';

/** What goes on, for people: a terminal shows it live, CI as one line each. Never evidence. */
export type ProgressEvent =
  | {
      readonly kind: 'run';
      readonly id: string;
      readonly plan: string;
      readonly seed: string;
      readonly folder: string;
    }
  | {
      readonly kind: 'stage';
      readonly stage: string;
      readonly state: 'started' | 'ended';
      readonly says?: string;
    }
  /** How long the stage that has begun should take, for people who wait. */
  | { readonly kind: 'expect'; readonly stage: string; readonly tookMs: number }
  | { readonly kind: 'note'; readonly level: 'info' | 'warning'; readonly says: string }
  | { readonly kind: 'case'; readonly result: CaseResult; readonly done: number; readonly planned: number }
  | {
      readonly kind: 'fault';
      readonly step: string;
      readonly state: 'injecting' | 'holding' | 'healing' | 'healed' | 'failed';
      readonly says: string;
    }
  | { readonly kind: 'probe'; readonly probe: string; readonly state: 'up' | 'down' | 'unseen' }
  | { readonly kind: 'event'; readonly says: string };

export interface Progress {
  report(event: ProgressEvent): void;
}
