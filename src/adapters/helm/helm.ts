import { HarnessError } from '../../model/errors.ts';
import type { Duration } from '../../model/duration.ts';
import type { RunCommand } from '../../ports/run-command.ts';

/** One release of a chart. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Folder of the chart. */
  readonly chart: string;
  /** Files of values; of two that say the same, the later counts. */
  readonly values: readonly string[];
  /** How long everything in it may take to be ready. */
  readonly timeout: Duration;
}

/** Helm, for one cluster. */
export interface Helm {
  /**
   * Installs a release, or makes it what its chart says now, and waits until all in it is ready and its jobs are done.
   * @throws SQ_LAB with what Helm said last.
   */
  install(release: Release, signal: AbortSignal): Promise<void>;
}

export interface HelmOptions {
  /** Path of the program. */
  readonly program: string;
  readonly kubeconfig: string;
  /** Where it may keep what it likes, so that nothing of it is in the home of whoever runs it. */
  readonly folder: string;
}

/** Beside what it gives the release, for its own start and its last words. */
const MORE_MS = 30_000;

export function createHelm(run: RunCommand, { program, kubeconfig, folder }: HelmOptions): Helm {
  const environment = {
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: `${folder}/cache`,
    HELM_CONFIG_HOME: `${folder}/config`,
    HELM_DATA_HOME: `${folder}/data`,
  };
  return {
    async install({ name, namespace, chart, values, timeout }, signal) {
      const files = values.flatMap((file) => ['--values', file]);
      const waits = ['--wait', '--wait-for-jobs', '--timeout', `${Math.ceil(timeout.ms / 1000)}s`];
      const where = ['--namespace', namespace, '--create-namespace'];
      const given = ['upgrade', '--install', name, chart, ...where, ...files, ...waits];
      const order = { program, arguments: given, environment, timeout: { ms: timeout.ms + MORE_MS } };
      const { code, stderr } = await run(order, signal);
      if (code === 0) return;
      const says = stderr.trim().split('\n').slice(-2).join(' ');
      throw new HarnessError('SQ_LAB', `helm could not install ${name}: ${says || `exit code ${code}`}`, {
        remedy: `\`kubectl get pods,jobs -n ${namespace}\` says what is not ready.`,
      });
    },
  };
}
