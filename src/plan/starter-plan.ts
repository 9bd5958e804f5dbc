/** What `squall init` writes: a small plan that runs on every lab, with a comment on each part. */
export function starterPlan(): string {
  return STARTER;
}

const STARTER = `# Wants to learn: does Keystone go on answering when one of its pods is deleted?

# yaml-language-server: $schema=./chaos-plan.schema.json
# (write that file with: squall schema > chaos-plan.schema.json)
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata:
  name: my-first-plan

# What \`--set name=value\` may change. Use it as \${name} in any value.
parameters:
  service: keystone
  rounds: 3

# Fix the seed to hurt the same targets each time. Without one it is drawn, printed and stored.
# seed: 42

# Conformance cases that prove the system steady, before and after; during goes on beside the faults.
conformance:
  before: {}
  during:
    tags: [smoke]
  after: {}

# Questions that are asked again and again, whatever happens. Each is planned ahead and never waits for the last answer.
probes:
  - name: keystone
    probe: openstack-read
    endpoint: keystone
    every: 100ms
    timeout: 800ms
    connection: new

# What is done, in order: fault, wait, suites, parallel, repeat. Targets are named by what they are for, not by host.
method:
  - repeat:
      times: \${rounds}
      steps:
        - name: delete-a-pod
          fault: pod-delete
          selector:
            role: api
            service: \${service}
          mode: one
        # Until every probe is up and all replicas are back, but at most so long.
        - wait: recovered
          ceiling: 10m

# What must hold for the verdict pass. A limit is a duration, or relative to the recovery that the live timers predict.
objectives:
  - objective: availability
    probe: keystone
    minimum: 95%
  - objective: longest-outage
    probe: keystone
    maximum: 30s
  - objective: recovery-time
    maximum: 2 x predicted
  - objective: conformance
    stage: before
  - objective: conformance
    stage: after
  - objective: nothing-leaked

# What stops and heals everything early.
guards:
  - probe: keystone
    downFor: 2m

# The most that may be hurt at once, whatever the steps say.
limits:
  maxTargets: 1
  maxShare: 50%
`;
