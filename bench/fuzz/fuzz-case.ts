import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { parse, stringify } from 'yaml';
import { createKubernetesApi } from '../../src/adapters/kubernetes/index.ts';
import { createOpenStackApi } from '../../src/adapters/openstack/index.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { makeSchedule, proveSchedule } from '../../src/chaos/index.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { Catalogue } from '../../src/model/catalogue.ts';
import { seededRandom, type SeededRandom } from '../../src/model/seeded-random.ts';
import type { Topology } from '../../src/model/topology.ts';
import { loadPlan } from '../../src/plan/index.ts';
import type { Lab } from '../../src/ports/lab.ts';
import { discover } from '../../src/topology/index.ts';
import { canaryIn, clouds, kubeconfig, toldIn } from './documents.ts';
import type { LyingServer } from './lying-server.ts';
import { draw, mutateText, mutateTree, yamlOf } from './mutate.ts';

export interface FuzzWorld {
  readonly folder: string;
  readonly server: LyingServer;
  readonly catalogue: Catalogue;
  readonly topology: Topology;
  /** Texts of plans that are well. */
  readonly plans: readonly string[];
}

export const KINDS = ['plan', 'kubeconfig', 'clouds', 'answers'] as const;
export type Kind = (typeof KINDS)[number];

export interface FuzzResult {
  readonly kind: Kind;
  /** `well` when nobody complained; otherwise the code of the error. */
  readonly outcome: string;
  readonly ms: number;
  /** What must never be. */
  readonly wrong: readonly string[];
}

/** No case may take longer. */
export const LONGEST_MS = 2000;

/** When a case gives up on a server that says nothing; what goes on after that is a hang. */
const PATIENCE_MS = 250;

const GIVEN_UP = 'given up at the word of its caller';

const clock = createSystemClock();

/** Half of the cases are plans: they are the cheapest, and people write them by hand. */
export const kindOf = (number: number): Kind =>
  draw(seededRandom(`kind-${number}`), ['plan', 'plan', ...KINDS]);

/** A case that takes too long is asked again: what hangs does so each time, and a machine that is busy does not. */
export async function runFuzzCase(number: number, world: FuzzWorld): Promise<FuzzResult> {
  const first = await runOnce(number, world);
  return first.ms > LONGEST_MS ? runOnce(number, world) : first;
}

async function runOnce(number: number, world: FuzzWorld): Promise<FuzzResult> {
  const kind = kindOf(number);
  const random = seededRandom(`fuzz-${number}`);
  const begun = performance.now();
  let outcome = 'well';
  const wrong: string[] = [];
  const seen: string[] = [];
  const told = new Set<string>();
  const tell = (document: string): string => {
    for (const one of toldIn(document)) told.add(one);
    return document;
  };
  try {
    seen.push(await ACTS[kind](random, { ...world, tell }, `fuzz-${number}`));
  } catch (error) {
    outcome = error instanceof HarnessError ? error.code : 'crash';
    if (!(error instanceof HarnessError) || error.exitCode === 70)
      wrong.push(
        `crash: ${error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error)}`,
      );
    seen.push(everythingOf(error));
  }
  const ms = performance.now() - begun;
  if (ms > LONGEST_MS) wrong.push(`it took ${ms.toFixed(0)} ms`);
  const leaked = canaryIn(seen.join('\n'), told);
  if (leaked !== undefined) wrong.push(`${leaked} came out: ${around(seen.join('\n'), leaked)}`);
  return { kind, outcome, ms, wrong };
}

const around = (text: string, part: string): string =>
  text.slice(Math.max(0, text.indexOf(part) - 160), text.indexOf(part) + 60);

/** What any output could show of an error: message, remedy, facts, stack, causes. */
function everythingOf(error: unknown): string {
  const facts =
    error instanceof HarnessError ? `${error.message}\n${error.remedy}\n${JSON.stringify(error.facts)}` : '';
  return `${facts}\n${inspect(error, { depth: 8, maxStringLength: 50_000 })}`;
}

/** @returns what a command would print when all is well. */
type Act = (random: SeededRandom, world: World, seed: string) => Promise<string>;

interface World extends FuzzWorld {
  /** Hears what is given to Squall, and hands it on. */
  readonly tell: (document: string) => string;
}

const ACTS: Readonly<Record<Kind, Act>> = {
  async plan(random, { plans, catalogue, topology }) {
    const text = fuzzedYaml(random, draw(random, plans));
    const plan = loadPlan(text, { file: 'plan.yaml', catalogue });
    const schedule = makeSchedule(plan, topology, 'seed');
    return JSON.stringify(proveSchedule(schedule, topology, plan.limits));
  },
  async kubeconfig(random, { folder, server, tell }, seed) {
    server.begin(seed);
    const file = join(folder, 'kubeconfig.yaml');
    writeFileSync(file, tell(fuzzed(random, kubeconfig(server.url, random.integer(100)))));
    const api = await createKubernetesApi({ connection: { kubeconfig: file }, environment: {}, clock });
    try {
      const { body } = await api.request({
        method: 'GET',
        path: '/version',
        timeout: { ms: PATIENCE_MS / 2 },
      });
      // Certificates are for everybody to see, and so is what the server itself says.
      const { cert: _cert, ca: _ca, ...access } = await api.access();
      return JSON.stringify([access, typeof body]);
    } finally {
      await api.close();
    }
  },
  async clouds(random, { folder, server, tell }, seed) {
    server.begin(seed);
    const cloudsYaml = join(folder, 'clouds.yaml');
    writeFileSync(cloudsYaml, tell(fuzzed(random, clouds(`${server.url}/identity/v3`, random.integer(100)))));
    const api = await createOpenStackApi({ connection: { cloudsYaml }, environment: {}, clock });
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      const said = await api.authenticate(signal);
      return JSON.stringify([await api.identity(), said, await api.catalogue(signal)]);
    } catch (error) {
      if (signal.aborted && error === signal.reason) return GIVEN_UP;
      throw error;
    }
  },
  async answers(random, { folder, server }, seed) {
    server.begin(seed);
    const file = join(folder, 'kubeconfig.yaml');
    const cloudsYaml = join(folder, 'clouds.yaml');
    writeFileSync(file, stringify(kubeconfig(server.url, 1)));
    writeFileSync(cloudsYaml, stringify(clouds(`${server.url}/identity/v3`, 1)));
    const kubernetes = await createKubernetesApi({
      connection: { kubeconfig: file },
      environment: {},
      clock,
    });
    const openstack = await createOpenStackApi({ connection: { cloudsYaml }, environment: {}, clock });
    const connection = { kubeconfig: file, cloudsYaml };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      return JSON.stringify(await discover({ lab: LAB, connection, kubernetes, openstack }, signal));
    } catch (error) {
      if (signal.aborted && error === signal.reason) return GIVEN_UP;
      throw error;
    } finally {
      await kubernetes.close();
    }
  },
};

/** A document as YAML or JSON, with its structure or its text changed. */
function fuzzed(random: SeededRandom, document: object): string {
  const style = random.integer(3);
  const tree = style === 1 ? document : mutateTree(random, document);
  const text = random.integer(2) === 0 ? yamlOf(tree) : (JSON.stringify(tree, null, 1) ?? '');
  return style === 0 ? text : mutateText(random, text);
}

function fuzzedYaml(random: SeededRandom, text: string): string {
  if (random.integer(2) === 0) return mutateText(random, text);
  return yamlOf(mutateTree(random, parse(text)));
}

const absent = (): Promise<never> => Promise.reject(new Error('The bench does not use this.'));

const LAB: Lab = {
  name: 'fuzz',
  owned: false,
  disclosures: [],
  up: absent,
  down: absent,
  status: absent,
  connection: absent,
  abilities: {},
  missing: () => Promise.resolve([]),
};
