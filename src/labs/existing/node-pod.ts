import { OWNER_LABEL } from '../../model/own-marks.ts';
import { createHash } from 'node:crypto';
import { NODE_ACCESS_NAMESPACE } from './needed-access.ts';

/** How the nodes of a cluster that Squall did not deploy are reached. */
export interface NodeAccessSettings {
  /** An image with `nsenter` that every node can pull, or has: most images of a distribution do. */
  readonly image: string;
  /** Name of a pull secret in the namespace of these pods. */
  readonly pullSecret?: string;
}

/** One thing to be done on a node, as a script that does the whole of it: nobody talks to it while it runs. */
export interface NodeAct {
  readonly node: string;
  /** In a word, such as `stop`; part of the pod's name. */
  readonly what: string;
  /** For `/bin/sh -e` in the namespaces of the node's first process. */
  readonly script: string;
  /** The kubelet ends the pod this long after it began, in seconds. */
  readonly deadlineSeconds: number;
  /** From the pod's creation until its node must have begun it, or it is taken back, in seconds. Default 60: a pull may come first. */
  readonly beginWithinSeconds?: number;
}

/** By which these pods are found again, whoever made them. */
export const NODE_ACT_LABEL = 'squall.dev/node-act';

/** Shortens a text to so many hexadecimal digits: names of pods and units are short, ids of faults are not. */
export const shortHash = (text: string, digits = 12): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

/**
 * A pod that is root on its node, for a moment. It is put on its node without the scheduler and runs without the cluster's
 * network, for either may be what is hurt; it has no token; and the kubelet ends it also when nobody is left to delete it.
 * @param token makes the name unique.
 */
export function renderNodePod(act: NodeAct, settings: NodeAccessSettings, token: string): object {
  const { pullSecret } = settings;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `sq-node-${act.what}-${shortHash(act.node, 6)}-${token}`,
      namespace: NODE_ACCESS_NAMESPACE,
      labels: { [NODE_ACT_LABEL]: act.what, [OWNER_LABEL]: 'node-access' },
    },
    spec: {
      nodeName: act.node,
      hostPID: true,
      hostNetwork: true,
      restartPolicy: 'Never',
      activeDeadlineSeconds: act.deadlineSeconds,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations: [{ operator: 'Exists' }],
      ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
      containers: [
        {
          name: 'act',
          image: settings.image,
          imagePullPolicy: 'IfNotPresent',
          command: [
            'nsenter',
            '--target',
            '1',
            '--mount',
            '--uts',
            '--ipc',
            '--net',
            '--pid',
            '--',
            '/bin/sh',
            '-ec',
            act.script,
          ],
          securityContext: { privileged: true, runAsUser: 0 },
        },
      ],
    },
  };
}
