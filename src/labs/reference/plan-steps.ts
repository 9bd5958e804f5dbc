import type { Step } from './run-steps.ts';
import { CONTROL_NODES, NODE_SHAPES, type NodeShape } from './shape.ts';

/** What each step does; the order is this file's. */
export interface Acts {
  attachDisk(signal: AbortSignal): Promise<void>;
  makeTemplate(signal: AbortSignal): Promise<void>;
  giveVolumes(signal: AbortSignal): Promise<void>;
  makeNetwork(signal: AbortSignal): Promise<void>;
  startNode(node: NodeShape, signal: AbortSignal): Promise<void>;
  joinNetwork(signal: AbortSignal): Promise<void>;
  waitForRuntime(node: NodeShape, signal: AbortSignal): Promise<void>;
  initialise(node: NodeShape, signal: AbortSignal): Promise<void>;
  waitForAddress(signal: AbortSignal): Promise<void>;
  shareAuthority(signal: AbortSignal): Promise<void>;
  deployNames(node: NodeShape, signal: AbortSignal): Promise<void>;
  join(node: NodeShape, signal: AbortSignal): Promise<void>;
  freeLeaders(signal: AbortSignal): Promise<void>;
  waitUntilWhole(signal: AbortSignal): Promise<void>;
  runTestPod(signal: AbortSignal): Promise<void>;
  askName(signal: AbortSignal): Promise<void>;
  prepareCloud(signal: AbortSignal): Promise<void>;
  deployService(name: string, signal: AbortSignal): Promise<void>;
  waitForCloud(signal: AbortSignal): Promise<void>;
  runFirstServer(signal: AbortSignal): Promise<void>;
  keepSnapshot(signal: AbortSignal): Promise<void>;
}

/**
 * From nothing to five nodes that answer. `joined` when the volumes are those of a lab that was joined before.
 *
 * Control nodes join one after the other, for a group of etcd takes one new member at a time; compute nodes join beside them.
 */
export function planSteps(
  acts: Acts,
  how: {
    readonly joined: boolean;
    readonly keep: boolean;
    /** Charts of the cloud in their stages; empty for a lab without one. */
    readonly cloud: readonly (readonly string[])[];
  },
): readonly Step[] {
  const machines = machineSteps(acts, how.joined);
  const joined = how.joined ? [] : joinSteps(acts);
  const before = [...machines, ...joined].map(({ name }) => name);
  return [
    ...machines,
    ...joined,
    step('every node, lease and system pod', before, (signal) => acts.waitUntilWhole(signal)),
    step('a test pod', [...before], (signal) => acts.runTestPod(signal)),
    step(ANSWERED, ['every node, lease and system pod'], (signal) => acts.askName(signal)),
    ...cloudSteps(acts, how),
    ...(how.keep
      ? [
          step('snapshot', ['a test pod', how.cloud.length > 0 ? FIRST_SERVER : ANSWERED], (signal) =>
            acts.keepSnapshot(signal),
          ),
        ]
      : []),
  ];
}

const ANSWERED = 'a name is answered';
const CLOUD_READY = 'the cloud is ready';
const FIRST_SERVER = 'a server answers';

/** A stage begins when the one before it is ready. A snapshot of a lab with a cloud holds it already. */
function cloudSteps(
  acts: Acts,
  { joined, cloud }: { readonly joined: boolean; readonly cloud: readonly (readonly string[])[] },
): readonly Step[] {
  if (cloud.length === 0) return [];
  const proof = (before: readonly string[]): readonly Step[] => [
    step(CLOUD_READY, before, (signal) => acts.waitForCloud(signal)),
    step(FIRST_SERVER, [CLOUD_READY], (signal) => acts.runFirstServer(signal)),
  ];
  if (joined) return proof([ANSWERED]);
  const prepared = 'certificates of the cloud';
  let before: readonly string[] = [prepared];
  const steps = [step(prepared, [ANSWERED], (signal) => acts.prepareCloud(signal))];
  for (const stage of cloud) {
    steps.push(...stage.map((name) => step(name, before, (signal) => acts.deployService(name, signal))));
    before = stage;
  }
  return [...steps, ...proof(before)];
}

function machineSteps(acts: Acts, joined: boolean): readonly Step[] {
  const template = joined
    ? []
    : [step('template of images', ['disk'], (signal) => acts.makeTemplate(signal))];
  return [
    step('disk', [], (signal) => acts.attachDisk(signal)),
    ...template,
    step('volumes', joined ? ['disk'] : ['template of images'], (signal) => acts.giveVolumes(signal)),
    step('network', [], (signal) => acts.makeNetwork(signal)),
    ...NODE_SHAPES.map((node) =>
      step(`start ${node.name}`, ['volumes', 'network'], (signal) => acts.startNode(node, signal)),
    ),
    step('way to the nodes', ['start control-1'], (signal) => acts.joinNetwork(signal)),
    ...(joined
      ? [step('API, and leaders of before', ['way to the nodes'], (signal) => acts.freeLeaders(signal))]
      : NODE_SHAPES.map((node) =>
          step(`runtime of ${node.name}`, [`start ${node.name}`], (signal) =>
            acts.waitForRuntime(node, signal),
          ),
        )),
  ];
}

function joinSteps(acts: Acts): readonly Step[] {
  const [first, ...others] = CONTROL_NODES;
  if (first === undefined) return [];
  const shared = 'certificates';
  let last = shared;
  const controls = others.map((node) => {
    const joining = step(`join ${node.name}`, [last, `runtime of ${node.name}`], (signal) =>
      acts.join(node, signal),
    );
    last = joining.name;
    return joining;
  });
  return [
    step('first control node', [`runtime of ${first.name}`, 'way to the nodes'], (signal) =>
      acts.initialise(first, signal),
    ),
    step('API address', ['first control node'], (signal) => acts.waitForAddress(signal)),
    step(shared, ['API address'], (signal) => acts.shareAuthority(signal)),
    step('name service', ['API address'], (signal) => acts.deployNames(first, signal)),
    ...controls,
    ...NODE_SHAPES.filter(({ role }) => role === 'compute').map((node) =>
      step(`join ${node.name}`, [shared, `runtime of ${node.name}`], (signal) => acts.join(node, signal)),
    ),
  ];
}

const step = (name: string, after: readonly string[], run: Step['run']): Step => ({ name, after, run });
