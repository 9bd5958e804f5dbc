import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ability } from '../../src/model/abilities.ts';
import type { CaseResult, SuiteFile } from '../../src/model/conformance.ts';
import { seconds, type Duration } from '../../src/model/duration.ts';
import type { LabConnection, TestImage } from '../../src/ports/lab.ts';
import { MutatingProxy, type Exchange } from './mutating-proxy.ts';
import type { Mutation } from './mutation.ts';
import { runInProcess } from './run-in-process.ts';

export interface CaseRun {
  readonly result: CaseResult;
  readonly exchanges: readonly Exchange[];
}

/** Long enough for each case of the rehearsal; a mutation that only makes a case wait is not worth more. */
const CASE_TIMEOUT = seconds(4);

export interface CaseRunnerOptions {
  readonly testImage?: TestImage;
  /** Default: what suffices on the rehearsal. */
  readonly caseTimeout?: Duration;
  /** The names of its runs, and so of all that its cases make, begin with it. Default `m`. */
  readonly named?: string;
}

/** Runs single cases through a mutating proxy of their own. */
export class CaseRunner {
  readonly #folder = mkdtempSync(join(tmpdir(), 'squall-mutations-'));
  readonly #connection: LabConnection;
  readonly #abilities: readonly Ability[];
  readonly #options: CaseRunnerOptions;
  #runs = 0;

  constructor(connection: LabConnection, abilities: readonly Ability[], options: CaseRunnerOptions = {}) {
    this.#connection = connection;
    this.#abilities = abilities;
    this.#options = options;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async run(file: SuiteFile, id: string, mutation?: Mutation): Promise<CaseRun> {
    this.#runs += 1;
    const { testImage, caseTimeout = CASE_TIMEOUT, named = 'm' } = this.#options;
    const run = `${named}${this.#runs}`;
    const proxy = new MutatingProxy();
    await proxy.start();
    proxy.mutation = mutation;
    try {
      const connection = this.#through(proxy, run);
      const { results } = await runInProcess({
        run,
        selection: { suites: [file.name], tags: [], grep: `^${id}$` },
        files: [file],
        connection,
        abilities: this.#abilities,
        lanes: 1,
        caseTimeout,
        ...(testImage === undefined ? {} : { testImage }),
      });
      const [result] = results;
      if (result === undefined || results.length > 1)
        throw new Error(`${id} gave ${results.length} results.`);
      return { result, exchanges: proxy.exchanges };
    } finally {
      await proxy.stop();
    }
  }

  /** The lab's own connection files, leading through the proxy. */
  #through(proxy: MutatingProxy, run: string): LabConnection {
    const folder = join(this.#folder, run);
    mkdirSync(folder);
    const copy = (name: string, path: string): string => {
      const to = join(folder, name);
      writeFileSync(to, proxy.rewritten(readFileSync(path, 'utf8')));
      return to;
    };
    const { kubeconfig, cloudsYaml, ...names } = this.#connection;
    return {
      ...names,
      ...(kubeconfig === undefined ? {} : { kubeconfig: copy('kubeconfig', kubeconfig) }),
      ...(cloudsYaml === undefined ? {} : { cloudsYaml: copy('clouds.yaml', cloudsYaml) }),
    };
  }
}
