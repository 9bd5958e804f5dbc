import { HarnessError } from '../../model/errors.ts';
import type { ExecOptions } from '../../ports/container-engine.ts';
import type { LabTools } from './lab-tools.ts';
import { containerOf, LAB_LABEL, LAB_NAME, NODE_LABEL, shapeOf, type NodeShape } from './shape.ts';

/** @throws SQ_LAB for a node that the lab does not have. */
export function known(node: string): NodeShape {
  const shape = shapeOf(node);
  if (shape === undefined) throw new HarnessError('SQ_LAB', `The lab ${LAB_NAME} has no node ${node}.`);
  return shape;
}

/** Runs a command on a node that has to succeed. @returns what it wrote. @throws SQ_LAB with what it said. */
export async function mustOnNode(
  { engine }: LabTools,
  node: string,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await engine.exec(containerOf(known(node).name), command, {
    timeout: { ms: 20_000 },
    ...options,
  });
  if (code === 0) return stdout;
  throw new HarnessError(
    'SQ_LAB',
    `\`${command.join(' ').slice(0, 80)}\` failed on ${node}: ${stderr.trim().split('\n').slice(0, 2).join(' ') || `exit code ${code}`}`,
    { definite: code !== 124 },
  );
}

/** Names of the nodes whose processes run now. */
export async function runningNodes(tools: LabTools): Promise<readonly string[]> {
  const containers = await tools.engine.list(LAB_LABEL);
  return containers
    .filter(({ state }) => state === 'running')
    .flatMap(({ labels }) => (labels[NODE_LABEL] === undefined ? [] : [labels[NODE_LABEL]]));
}
