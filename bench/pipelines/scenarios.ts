/** Cut off where a fault is felt, and an objective that nothing meets: what comes back takes longer than a millisecond. */
const FAILS = `# Wants to learn: does a failed objective fail the pipeline?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: fails}
probes:
  - {name: keystone, probe: openstack-read, endpoint: keystone, every: 100ms, timeout: 2s, connection: new}
method:
  - {name: delete, fault: pod-delete, selector: {role: api, service: keystone}, mode: one}
  - {wait: recovered, ceiling: 120s}
baseline: 300ms
objectives:
  - {objective: recovery-time, of: redundancy, maximum: 1ms}
limits: {maxUnseen: 100%}
`;

/** Promises nothing, so nothing can be told. */
const UNKNOWN = `# Wants to learn: does a run that can tell nothing pass?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: tells-nothing}
method:
  - {wait: 300ms}
`;

/** Plans that lie beside the project's own. */
export const OWN_PLANS: Readonly<Record<string, string>> = { 'fails.yaml': FAILS, 'unknown.yaml': UNKNOWN };

export interface Scenario {
  readonly name: string;
  /** An occasion, or a plan of the project. */
  readonly plan: string;
  readonly code: number;
  /** What is so when the pipeline starts. */
  readonly given?: 'all runs are stopped' | 'a fault is open';
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'the gate passes', plan: 'gate', code: 0 },
  { name: 'the drill passes', plan: 'drill', code: 0 },
  { name: 'an objective fails', plan: 'fails.yaml', code: 1 },
  { name: 'there is no such plan', plan: 'not-there', code: 2 },
  { name: 'all runs are stopped', plan: 'gate', code: 3, given: 'all runs are stopped' },
  { name: 'nothing can be told', plan: 'unknown.yaml', code: 4 },
  { name: 'a fault of a killed run is open', plan: 'gate', code: 5, given: 'a fault is open' },
  { name: 'the nightly passes', plan: 'nightly', code: 0 },
];
