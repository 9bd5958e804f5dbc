/** Powers a node off for longer than a test waits, so that only healing or its declared end can end it. */
export const holdingPlan = (
  duration: string,
): string => `# Wants to learn: what becomes of a fault when Squall is stopped?
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata: {name: long-fault}
probes:
  - {name: readyz, probe: http, endpoint: kubernetes, path: /readyz, every: 100ms, timeout: 1s, connection: new}
method:
  - fault: node-power-off
    name: hold
    selector: {role: control}
    mode: one
    duration: ${duration}
baseline: 500ms
`;
