import type { FailurePhase } from '../model/observation.ts';
import type { Question, WireAccess } from '../ports/prober.ts';
import { createHttpAsker, type HttpAskerOptions } from './http-asker.ts';
import type { Asker } from './probe-line.ts';

type Relayed = Extract<Question, { readonly kind: 'relayed' }>;

export interface RelayedAskerOptions
  extends
    Pick<Relayed, 'ask' | 'then'>,
    Pick<HttpAskerOptions, 'access' | 'connection' | 'timeoutMs' | 'clock'> {}

/** What the pod got, as it reports it. */
interface Report {
  readonly status: number;
  readonly body: string;
  /** Empty when an answer came whole. Absent in what another program than ours answers. */
  readonly phase?: string;
}

/**
 * Has a pod ask, and takes its word for what it got. A pod that does not answer, or not as ours does, is trouble of the first leg:
 * then nothing is said of the second.
 */
export function createRelayedAsker({ ask, then, ...http }: RelayedAskerOptions): Asker<WireAccess> {
  const first = createHttpAsker({ asks: [ask], keepBody: true, ...http });
  return {
    silence: 'vantage',
    ask(attempt) {
      let report: Report | undefined;
      return first.ask({
        n: attempt.n,
        heard: (body) => {
          report = readReport(body);
        },
        finish(failure) {
          if (failure === 'harness') attempt.finish('harness', 0);
          else if (failure !== undefined || report === undefined) {
            if (attempt.away === undefined) attempt.finish('harness', 0);
            else attempt.away();
          } else attempt.finish(failureOf(report, then), report.status);
        },
      });
    },
    refresh: (access) => first.refresh(access),
    close: () => first.close(),
  };
}

/** Phases of the program's own; what is none of them failed somewhere on the way there. */
const PHASES: ReadonlySet<string> = new Set<FailurePhase>(['resolve', 'connect', 'send', 'wait', 'body']);

function failureOf({ status, body, phase }: Report, then: Relayed['then']): FailurePhase | undefined {
  // A program of before it told the phase says that nothing came by the status alone.
  if (phase === undefined && status === 0) return 'connect';
  if (phase !== undefined && phase !== '') return PHASES.has(phase) ? (phase as FailurePhase) : 'connect';
  if (!then.expect.includes(status)) return 'status';
  return body.includes(then.holds) ? undefined : 'body';
}

/** undefined when it is not what our program says. */
function readReport(body: Buffer): Report | undefined {
  let said: unknown;
  try {
    said = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  if (said === null || typeof said !== 'object') return undefined;
  const { status, body: text, phase } = said as Readonly<Record<string, unknown>>;
  if (typeof status !== 'number' || typeof text !== 'string') return undefined;
  return { status, body: text, ...(typeof phase === 'string' ? { phase } : {}) };
}
