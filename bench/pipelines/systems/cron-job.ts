import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

export interface Rule {
  readonly action: string;
  readonly onExitCodes: { readonly operator: 'In' | 'NotIn'; readonly values: readonly number[] };
}

interface Container {
  readonly args?: readonly string[];
  readonly env: readonly Variable[];
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[] };
  };
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
}

interface Pod {
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly fsGroup?: number };
  readonly containers: readonly Container[];
  readonly volumes: readonly {
    readonly name: string;
    readonly persistentVolumeClaim?: { readonly claimName: string };
    readonly secret?: { readonly secretName: string };
  }[];
}

/** The parts of a CronJob's manifest that decide what is run. */
export interface CronJob {
  readonly namespace: string;
  readonly backoffLimit: number;
  readonly rules: readonly Rule[];
  readonly pod: Pod;
  readonly container: Container;
}

interface Manifest {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly jobTemplate: {
      readonly spec: {
        readonly backoffLimit: number;
        readonly podFailurePolicy: { readonly rules: readonly Rule[] };
        readonly template: { readonly spec: Pod };
      };
    };
  };
}

export function readCronJob(file: string): CronJob {
  const { metadata, spec } = parse(readFileSync(file, 'utf8')) as Manifest;
  const { backoffLimit, podFailurePolicy, template } = spec.jobTemplate.spec;
  const [container] = template.spec.containers;
  if (container === undefined) throw new Error(`${file} has no container.`);
  return {
    namespace: metadata.namespace,
    backoffLimit,
    rules: podFailurePolicy.rules,
    pod: template.spec,
    container,
  };
}
