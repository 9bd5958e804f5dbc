import type { EngineEvent, EngineTest } from '../../ports/suite-engine.ts';
import type { CaseOutcome } from '../../model/conformance.ts';
import { callsIn, lastError } from './read-attachments.ts';
import type { SubunitPacket, SubunitStatus } from './read-subunit.ts';

/** What is kept of one attachment; a test that logs more has said enough. */
const MOST_BYTES = 512 * 1024;

type Final = Exclude<SubunitStatus, 'exists' | 'inprogress'>;

const OUTCOME: Readonly<Record<Final, CaseOutcome>> = {
  success: 'passed',
  // It failed as its author said that it would.
  xfail: 'passed',
  uxsuccess: 'failed',
  skip: 'skipped',
  fail: 'failed',
};

/** How unittest calls what a whole class or module does before and after its tests. */
const FIXTURE = /^(setUp|tearDown)(Class|Module) \((.+)\)$/;

interface Story {
  startedMs?: number;
  readonly files: Map<string, Uint8Array[]>;
  bytes: number;
}

/** One final status, with all that belongs to it. */
interface Ending {
  readonly outcome: CaseOutcome;
  readonly reason?: string;
  readonly details?: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly worker: number;
}

/**
 * Turns packets into what became of the planned tests. A class whose set-up fails or is skipped says so once, in its own name, and
 * its tests appear nowhere: here each of them gets that end.
 * @param mask applied to every text before it leaves.
 */
export class ResultsFollower {
  readonly #tests: ReadonlyMap<string, EngineTest>;
  readonly #open = new Set<string>();
  readonly #stories = new Map<string, Story>();
  readonly #mask: (text: string) => string;

  constructor(tests: readonly EngineTest[], mask: (text: string) => string) {
    this.#tests = new Map(tests.map((test) => [test.id, test]));
    for (const { id } of tests) this.#open.add(id);
    this.#mask = mask;
  }

  /** True when every planned test has ended. */
  get complete(): boolean {
    return this.#open.size === 0;
  }

  take(packet: SubunitPacket): readonly EngineEvent[] {
    const { test, status, file } = packet;
    if (test === undefined) return [];
    if (file !== undefined) this.#keep(test, file);
    if (status === undefined || status === 'exists') return [];
    if (status === 'inprogress') return this.#started(test, packet.atMs ?? 0);
    const final = this.#finalOf(test, status, packet);
    this.#stories.delete(test);
    if (this.#tests.has(test)) return this.#ended(test, final);
    return this.#endedFixture(test, final);
  }

  #story(test: string): Story {
    const known = this.#stories.get(test);
    if (known !== undefined) return known;
    const story: Story = { files: new Map(), bytes: 0 };
    this.#stories.set(test, story);
    return story;
  }

  #keep(test: string, { name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): void {
    const story = this.#story(test);
    if (story.bytes + bytes.length > MOST_BYTES) return;
    story.bytes += bytes.length;
    story.files.set(name, [...(story.files.get(name) ?? []), bytes]);
  }

  #started(test: string, atMs: number): readonly EngineEvent[] {
    const story = this.#story(test);
    const first = story.startedMs === undefined;
    story.startedMs ??= atMs;
    return first && this.#open.has(test) ? [{ kind: 'started', test, atMs }] : [];
  }

  #finalOf(test: string, status: Final, { atMs = 0, tags }: SubunitPacket): Ending {
    const story = this.#story(test);
    const text = (name: string): string =>
      [...story.files]
        .filter(([own]) => own === name || own.startsWith(`${name}-`) || own.startsWith(`${name}:`))
        .map(([, parts]) => Buffer.concat(parts).toString('utf8'))
        .join('\n');
    const outcome = OUTCOME[status];
    const traceback = text('traceback');
    const calls = callsIn(text('pythonlogging'));
    const details = [traceback.trimEnd(), ...(calls.length === 0 ? [] : ['Its calls:', ...calls])].join('\n');
    const worker = Number(/^worker-(\d+)$/.exec(tags.find((tag) => tag.startsWith('worker-')) ?? '')?.[1]);
    return {
      outcome,
      ...(outcome === 'passed' ? {} : { reason: this.#mask(reasonOf(status, text('reason'), traceback)) }),
      ...(outcome === 'failed' && details !== '' ? { details: this.#mask(details) } : {}),
      startedMs: story.startedMs ?? atMs,
      endedMs: atMs,
      worker: Number.isNaN(worker) ? 1 : worker + 1,
    };
  }

  #ended(test: string, final: Ending): readonly EngineEvent[] {
    // The first word counts: a stream that speaks twice of one test is not better the second time.
    if (!this.#open.delete(test)) return [];
    return [{ kind: 'ended', test, ...final }];
  }

  #endedFixture(name: string, final: Ending): readonly EngineEvent[] {
    if (final.outcome === 'passed') return [];
    const [, verb, level = '', inside = ''] = FIXTURE.exec(name) ?? [];
    const what = level.toLowerCase();
    const concerned = [...this.#open]
      .map((id) => this.#tests.get(id))
      .filter((test) => test !== undefined && isInside(test, inside)) as EngineTest[];
    if (verb === 'setUp' && concerned.length > 0) {
      const says = final.outcome === 'skipped' ? `Its ${what} is skipped` : `Its ${what} could not be set up`;
      const reason = `${says}: ${final.reason ?? 'no reason was given'}`;
      return concerned.flatMap(({ id }) => this.#ended(id, { ...final, reason }));
    }
    if (final.outcome === 'skipped') return [];
    return [besides(name, verb === undefined ? 'unknown' : 'failed', what, inside, final)];
  }
}

const isInside = ({ name }: EngineTest, inside: string): boolean => name.startsWith(`${inside}.`);

function reasonOf(status: Final, skipped: string, traceback: string): string {
  if (status === 'skip') return skipped.trim() || 'Tempest gave no reason.';
  if (status === 'uxsuccess') return 'It passed, although Tempest says that it must fail.';
  return lastError(traceback) || 'Tempest gave no traceback.';
}

function besides(
  name: string,
  outcome: 'failed' | 'unknown',
  what: string,
  inside: string,
  { reason, details, startedMs, endedMs }: Ending,
): EngineEvent {
  const title =
    outcome === 'failed' ? `what the ${what} ${inside} made is taken away` : 'Tempest itself does its work';
  const suite = outcome === 'failed' ? `tempest/${inside.replace(/^tempest\./, '')}` : 'tempest/program';
  return {
    kind: 'besides',
    case: `${suite}/${outcome === 'failed' ? 'tear-down' : name.replaceAll(/[^\w.-]+/g, '-')}`,
    suite,
    title,
    outcome,
    reason: reason ?? 'No reason was given.',
    ...(details === undefined ? {} : { details }),
    startedMs,
    endedMs,
  };
}
