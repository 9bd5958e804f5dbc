import { seconds, type Duration } from '../../model/duration.ts';
import { describeError, HarnessError } from '../../model/errors.ts';
import type { Inspect, LabAbilities, Links, Look, Units } from '../../ports/lab.ts';
import { addScript, readTable, removeScript, rulesScript, sharesOf } from './link-scripts.ts';
import { nodeNamed, othersOf, readNodes } from './node-facts.ts';
import type { NodeAct } from './node-pod.ts';
import { doOnNode, runOnNode, type NodeTools } from './run-on-node.ts';
import {
  connectScript,
  listScript,
  lookScript,
  portOf,
  SETTLE_SECONDS,
  startScript,
  stopScript,
} from './unit-scripts.ts';

/** An act that only looks or plans is over in a moment; what it plans is the node's own. */
const DEADLINE_SECONDS = 60;
/** Acts that are sent again until they succeed, by somebody who waits a quarter of a minute for each. */
const HEALS = ['unlink', 'start'];
const HEAL_BEGINS_SECONDS = 10;
/** What a node has is asked again after this long: each answer costs a pod. */
const UNITS_STAY = seconds(60);
/** The port of the kubelet answers on every node. */
const KUBELET = 10250;

/**
 * What can be done to the nodes of a cluster by short-lived privileged pods. A node whose kubelet is stopped or cut off runs none:
 * there only the end that was planned on the node itself comes, and looks are taken from another node.
 */
export function nodeAbilities(
  tools: NodeTools,
): Pick<LabAbilities, 'units' | 'links' | 'look' | 'inspect' | 'throughApi'> {
  return {
    units: podUnits(tools),
    links: podLinks(tools),
    look: (node, timeout) => lookFromOther(tools, node, KUBELET, timeout),
    inspect: podInspect(tools),
    throughApi: true,
  };
}

const act = (node: string, what: string, script: string): NodeAct => ({
  node,
  what,
  script,
  deadlineSeconds: DEADLINE_SECONDS,
  ...(HEALS.includes(what) ? { beginWithinSeconds: HEAL_BEGINS_SECONDS } : {}),
});

function podUnits(tools: NodeTools): Units {
  const known = new Map<
    string,
    { readonly atNs: number; readonly units: Awaited<ReturnType<Units['list']>> }
  >();
  return {
    async list(node) {
      const before = known.get(node);
      const now = tools.clock.now().ns;
      if (before !== undefined && now - before.atNs < UNITS_STAY.ms * 1e6) return before.units;
      const output = await doOnNode(tools, act(node, 'list', listScript()));
      const units = output
        .split('\n')
        .map((line) => line.trim().split(' '))
        .filter((words) => words.length === 2)
        .map(([unit = '', state]) => ({ unit, running: state === 'running' }));
      known.set(node, { atNs: now, units });
      return units;
    },
    async stop(node, unit, { startAgainAfter }) {
      known.delete(node);
      const script = stopScript(unit, Math.max(1, Math.ceil(startAgainAfter.ms / 1000)));
      const { exitCode, output } = await runOnNode(tools, act(node, 'stop', script));
      if (exitCode !== 0)
        throw new HarnessError(
          'SQ_INJECT_FAILED',
          `${unit} on ${node} was not stopped: ${output || `exit ${exitCode}`}.`,
        );
      // What was planned begins only now.
      await tools.clock.sleep(seconds(SETTLE_SECONDS));
    },
    async start(node, unit) {
      known.delete(node);
      await doOnNode(tools, act(node, 'start', startScript(unit)));
    },
    async look(node, unit, timeout) {
      const port = portOf(unit);
      if (port !== undefined) return lookFromOther(tools, node, port, timeout);
      return readLook(await doOnNode(tools, act(node, 'look', lookScript(unit, secondsOf(timeout)))));
    },
  };
}

const secondsOf = ({ ms }: Duration): number => Math.max(0.1, ms / 1000);

/** From nodes that are not the one that is looked at, so that a node that runs no pods can still be looked at. */
async function lookFromOther(tools: NodeTools, node: string, port: number, timeout: Duration): Promise<Look> {
  const nodes = await readNodes(await tools.kubernetes());
  const script = connectScript(nodeNamed(nodes, node).address, port, secondsOf(timeout));
  return firstLook(
    tools,
    othersOf(nodes, node).map(({ name }) => ({ at: name, script })),
  );
}

/** Where a look is taken from, and how. */
interface Try {
  readonly at: string;
  readonly script: string;
}

/** What the first says that can say anything: a node that is cut off from the API counts as ready for a while. */
async function firstLook(tools: NodeTools, looks: readonly Try[]): Promise<Look> {
  const enough = new AbortController();
  const running = looks.map(async ({ at, script }) =>
    readLook(await doOnNode(tools, act(at, 'look', script), enough.signal)),
  );
  try {
    return await Promise.any(running);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    enough.abort(new Error('another node has answered'));
    await Promise.allSettled(running);
  }
}

function readLook(output: string): Look {
  const last = output.split('\n').at(-1)?.trim();
  if (last === 'answers' || last === 'refused' || last === 'silent') return last;
  throw new HarnessError(
    'SQ_LAB',
    `A look from a node said ${JSON.stringify(output.slice(0, 100))}, which says nothing.`,
  );
}

function podLinks(tools: NodeTools): Links {
  const nodes = async (): ReturnType<typeof readNodes> => readNodes(await tools.kubernetes());
  return {
    effects: ['cut', 'lose'],
    async add(rule) {
      const shares = sharesOf(rule, await nodes());
      await Promise.all(
        shares.map((share) => doOnNode(tools, act(share.node, 'link', addScript(rule, share)))),
      );
      await tools.clock.sleep(seconds(SETTLE_SECONDS));
    },
    async remove(id) {
      const asked = (await nodes()).map(({ name }) => doOnNode(tools, act(name, 'unlink', removeScript(id))));
      const failed = (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected');
      const [first] = failed.map((result) => (result as PromiseRejectedResult).reason as unknown);
      if (first === undefined) return;
      const says = `Not every node could be asked to give its links back; where a rule is left, it ends at its declared end. ${describeError(first)}`;
      throw new HarnessError('SQ_LAB', says, { cause: first, definite: false });
    },
    async rules() {
      const asked = (await nodes()).map(async ({ name }) => {
        const output = await doOnNode(tools, act(name, 'rules', rulesScript()));
        return output.split('\n').flatMap((line) => {
          const rule = readTable(line.trim());
          return rule === undefined ? [] : [{ ...rule, node: name }];
        });
      });
      return (await Promise.all(asked)).flat();
    },
    async reach(from: string, to: string, timeout: Duration, port?: number) {
      const all = await nodes();
      const look = (at: string, towards: string): Try => ({
        at,
        script: connectScript(nodeNamed(all, towards).address, port ?? KUBELET, secondsOf(timeout)),
      });
      // A handshake goes both ways: where one end is cut off and runs no pods, the other end sees the same.
      return firstLook(tools, port === undefined ? [look(from, to), look(to, from)] : [look(from, to)]);
    },
  };
}

function podInspect(tools: NodeTools): Inspect {
  return {
    async addresses(node) {
      const output = await doOnNode(tools, act(node, 'addresses', 'ip -o addr show'));
      return [...output.matchAll(/\binet6?\s+([0-9a-fA-F.:]+)/g)].map(([, address = '']) => address);
    },
    async file(node, path) {
      if (!/^\/[A-Za-z0-9_./-]+$/.test(path))
        throw new HarnessError('SQ_LAB', `${JSON.stringify(path)} is not the path of a file.`);
      const script = `if test -e ${path}; then echo there; cat ${path}; else echo none; fi`;
      const output = await doOnNode(tools, act(node, 'file', script));
      return output.startsWith('there\n') ? output.slice('there\n'.length) : undefined;
    },
  };
}
