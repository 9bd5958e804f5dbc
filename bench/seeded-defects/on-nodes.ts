import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NODE_SHAPES, containerOf } from '../../src/labs/reference/shape.ts';

export const NODES = NODE_SHAPES.map(({ name }) => name);
export const CONTROL = NODE_SHAPES.filter(({ role }) => role === 'control').map(({ name }) => name);

/** Runs a script on a node of the reference lab. @throws with what it said. */
export async function onNode(node: string, script: string): Promise<void> {
  await promisify(execFile)('podman', ['exec', containerOf(node), '/bin/sh', '-c', script], {
    timeout: 150_000,
  });
}

/** As the administrator, on the first control node. @throws with what it said. */
export async function kubectl(...given: readonly string[]): Promise<void> {
  const argv = [
    'exec',
    containerOf(CONTROL[0] ?? ''),
    'kubectl',
    '--kubeconfig=/etc/kubernetes/admin.conf',
    ...given,
  ];
  await promisify(execFile)('podman', argv, { timeout: 150_000 });
}
