import type { CaseDeclaration, SuiteFile, Trouble } from '../model/conformance.ts';
import { seconds } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import { maskSecrets, Secret } from '../model/secret.ts';
import type { Instant } from '../model/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import type { FromLane, LaneAssignment, ToLane } from '../ports/lanes.ts';
import type { OpenStackApi } from '../ports/openstack.ts';
import { createNames, type LaneTools } from './case-context.ts';
import { Soonest } from './eventually.ts';
import { createLaneTenant } from './lane-tenant.ts';
import type { CaseEnd } from './case-reporter.ts';
import { loadSuite } from './load-suite.ts';
import { runSuite, type SuiteRun } from './mocha-run.ts';
import { selectCases } from './selection.ts';
import { defineSuite } from './suite-definition.ts';

export interface LanePorts {
  readonly clock: Clock;
  readonly kubernetes?: KubernetesApi;
  readonly openstack?: OpenStackApi;
  readonly send: (message: FromLane) => void;
}

export interface OpenLane {
  /** Messages are answered one after the other; `stop` acts at once. */
  receive(message: ToLane): void;
  /** While it is true, mocha hears of errors that nobody caught. */
  readonly isRunningCases: boolean;
  /** Resolves after a `stop`, when the file that runs has ended. */
  readonly closed: Promise<void>;
}

/** A little less than a lane has from its stop until it is ended. */
const TENANT_GONE_WITHIN = seconds(12);

/** Text that looks like a token: of Keystone (Fernet), or signed as of a service account. */
const TOKENS = /\b(gAAAAA[\w-]{20,}={0,2}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)/g;

/** One lane: loads what cases need once, then takes suite files as they are sent. Says `ready` at once. */
export function openLane(assignment: LaneAssignment, ports: LanePorts): OpenLane {
  return new LaneLoop(assignment, ports);
}

class LaneLoop implements OpenLane {
  readonly closed: Promise<void>;
  readonly #assignment: LaneAssignment;
  readonly #ports: LanePorts;
  readonly #tools: LaneTools;
  readonly #cancel = new AbortController();
  #close: () => void = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #stopping = false;
  #running: SuiteRun | undefined;

  constructor(assignment: LaneAssignment, ports: LanePorts) {
    this.#assignment = assignment;
    this.#ports = ports;
    this.#tools = toolsOf(assignment, ports);
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    ports.send({ kind: 'ready' });
  }

  get isRunningCases(): boolean {
    return this.#running !== undefined;
  }

  receive(message: ToLane): void {
    if (message.kind === 'stop') {
      this.#stopping = true;
      if (message.now === true) this.#cancel.abort(new Error('The run was stopped.'));
      this.#running?.stopAfterCase();
      this.#work = this.#work.then(() => this.#tools.tenant?.close()).then(() => this.#close());
      return;
    }
    this.#work = this.#work.then(() => this.#answer(message));
  }

  async #answer(message: Exclude<ToLane, { kind: 'stop' }>): Promise<void> {
    const { file } = message;
    try {
      const suite = defineSuite(await loadSuite(file));
      const declarations = suite.cases.map(({ declaration }) => declaration);
      const selected = selectCases(declarations, this.#assignment.selection);
      this.#ports.send({ kind: 'planned', suite: file.name, cases: selected });
      if (message.kind === 'run' && !this.#stopping) {
        this.#running = runSuite(suite, selected, this.#setting(), this.#listener(file, message.round));
        await this.#running.finished;
        this.#running = undefined;
      }
      this.#ports.send({ kind: 'file-done', suite: file.name });
    } catch (error) {
      this.#ports.send({ kind: 'file-failed', suite: file.name, says: masked(describeError(error)) });
    }
  }

  #setting(): Parameters<typeof runSuite>[2] {
    const { stage, abilities, caseTimeout, allureFolder } = this.#assignment;
    return {
      stage,
      abilities,
      caseTimeout,
      ...(allureFolder === undefined ? {} : { allureFolder }),
      tools: this.#tools,
      cancel: this.#cancel.signal,
    };
  }

  #listener(file: SuiteFile, round: number): Parameters<typeof runSuite>[3] {
    const { clock, send } = this.#ports;
    const { stage, lane } = this.#assignment;
    const begun = new Map<string, Instant>();
    return {
      started: ({ id }) => {
        begun.set(id, clock.now());
        send({ kind: 'started', id });
      },
      ended: (declaration: CaseDeclaration, end: CaseEnd, troubles: readonly Trouble[]) => {
        const { id, title, tags } = declaration;
        const ended = clock.now();
        send({
          kind: 'result',
          result: {
            id,
            title,
            suite: file.name,
            tags,
            stage,
            round,
            outcome: end.outcome,
            ...(end.reason === undefined ? {} : { reason: masked(end.reason) }),
            ...(end.details === undefined ? {} : { details: masked(end.details) }),
            started: begun.get(id) ?? ended,
            ended,
            lane,
            troubles: troubles.map((trouble) => ({ ...trouble, says: masked(trouble.says) })),
          },
        });
      },
    };
  }
}

function toolsOf(assignment: LaneAssignment, ports: LanePorts): LaneTools {
  const { run, lane, client, testImage } = assignment;
  const { clock, kubernetes, openstack, send } = ports;
  const names = createNames(run, lane);
  const soonest = new Soonest();
  const ledger: LaneTools['ledger'] = {
    creating: (entry) => send({ kind: 'creating', entry }),
    created: (entry) => send({ kind: 'created', entry }),
    deleted: (entry) => send({ kind: 'deleted', entry }),
  };
  return {
    run,
    lane,
    client,
    clock,
    ...(kubernetes === undefined ? {} : { kubernetes }),
    ...(openstack === undefined
      ? {}
      : {
          openstack,
          tenant: createLaneTenant(openstack, names, {
            run,
            ledger,
            clock,
            soonest,
            patience: TENANT_GONE_WITHIN,
            kubernetes: noKubernetes,
          }),
        }),
    ...(testImage === undefined ? {} : { testImage }),
    ledger,
    names,
    soonest,
  };
}

function noKubernetes(): never {
  throw new Error('A tenant of a cloud has nothing to do with Kubernetes.');
}

/** An assertion prints what it compared, and that may be an answer with a token in it. */
function masked(text: string): string {
  return maskSecrets(
    text,
    [...text.matchAll(TOKENS)].map(([token]) => new Secret(token)),
  );
}
