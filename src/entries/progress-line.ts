import type { ProgressEvent } from '../ports/progress.ts';
import { cleanText } from '../report/clean-input.ts';

const LINE_LENGTH = 500;

type Paint = (text: string) => string;

export interface Colours {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  readonly magenta: Paint;
}

/** A text of foreign origin on one line, without escapes and secrets, and not endless. */
export const oneLine = (text: string): string => {
  const line = cleanText(text).replace(/\s+/g, ' ').trim();
  return line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH - 1)}…` : line;
};

/** How long something should take, for people who wait: no finer than it is known. */
export function aboutSeconds(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `about ${seconds} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

/** One line for an event that matters, or undefined for one that need not be kept, such as a case that passed. */
export function lineOf(event: ProgressEvent, colours: Colours): string | undefined {
  switch (event.kind) {
    case 'run':
      return `run ${colours.bold(oneLine(event.id))}: plan ${oneLine(event.plan)}, seed ${oneLine(event.seed)}, folder ${oneLine(event.folder)}`;
    case 'stage':
      return `${colours.bold(`stage ${oneLine(event.stage)}`)} ${event.state}${event.says === undefined ? '' : `: ${oneLine(event.says)}`}`;
    case 'expect':
      return `${oneLine(event.stage)} should take ${aboutSeconds(event.tookMs)}`;
    case 'note':
      return event.level === 'warning'
        ? colours.yellow(`warning: ${oneLine(event.says)}`)
        : oneLine(event.says);
    case 'case':
      return caseLine(event.result, colours);
    case 'fault': {
      const paint = event.state === 'failed' ? colours.red : colours.cyan;
      return `${paint(`fault ${oneLine(event.step)} ${event.state}`)}: ${oneLine(event.says)}`;
    }
    case 'probe': {
      const paint = { up: colours.green, down: colours.red, unseen: colours.yellow }[event.state];
      return `probe ${oneLine(event.probe)} ${paint(event.state)}`;
    }
    case 'event':
      return colours.dim(`saw ${oneLine(event.says)}`);
  }
}

type CaseResult = Extract<ProgressEvent, { kind: 'case' }>['result'];

function caseLine({ outcome, id, reason }: CaseResult, colours: Colours): string | undefined {
  if (outcome === 'passed' || outcome === 'skipped') return undefined;
  const paint = outcome === 'failed' ? colours.red : colours.yellow;
  return `${paint(`case ${outcome}`)} ${oneLine(id)}: ${oneLine(reason ?? 'no reason was given')}`;
}
