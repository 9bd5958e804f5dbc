import type { Catalogue, ParameterSpecs } from '../../src/model/catalogue.ts';

const path: ParameterSpecs = { path: { type: 'string', describe: 'The path.', default: '/' } };

/** A catalogue with every type of parameter, so that these tests stand on no other stage. */
export const catalogueForTests: Catalogue = {
  faults: [
    {
      name: 'pod-delete',
      summary: 'Deletes pods.',
      parameters: { gracePeriod: { type: 'duration', describe: 'How long it may take.', default: '0s' } },
      needs: ['kubernetes'],
      acts: 'pod',
      lasts: false,
    },
    {
      name: 'node-power-off',
      summary: 'Cuts the power.',
      parameters: {},
      needs: ['power'],
      acts: 'node',
      lasts: true,
    },
    {
      name: 'network-partition',
      summary: 'Cuts links.',
      parameters: {
        direction: {
          type: 'enum',
          values: ['both', 'from-targets'],
          describe: 'Which way.',
          default: 'both',
        },
        ports: { type: 'strings', describe: 'Ports.', default: [] },
      },
      needs: ['links'],
      acts: 'link',
      lasts: true,
    },
    {
      name: 'network-loss',
      summary: 'Loses packets.',
      parameters: { share: { type: 'percent', describe: 'How much.', required: true, minimum: 0.05 } },
      needs: ['links'],
      acts: 'link',
      lasts: true,
    },
  ],
  probes: [
    {
      name: 'http',
      summary: 'Asks a page.',
      parameters: {
        ...path,
        status: { type: 'integer', describe: 'The good status.', default: 200, minimum: 100, maximum: 599 },
        follow: { type: 'boolean', describe: 'Follows redirects.', default: false },
        weight: { type: 'number', describe: 'A number.', default: 1.5, maximum: 2 },
      },
    },
    { name: 'tcp', summary: 'Connects.', parameters: {} },
  ],
  watchers: [
    { name: 'nodes', summary: 'Follows nodes.', parameters: {} },
    { name: 'leaders', summary: 'Follows leaders.', parameters: {} },
  ],
  objectives: [
    {
      name: 'availability',
      summary: 'Share of good answers.',
      parameters: {
        probe: { type: 'string', describe: 'The probe.' },
        minimum: { type: 'percent', describe: 'The least.', required: true },
      },
    },
    {
      name: 'recovery-time',
      summary: 'Time to come back.',
      parameters: {
        step: { type: 'string', describe: 'The step.' },
        maximum: { type: 'limit', describe: 'The most.', required: true },
      },
    },
    {
      name: 'conformance',
      summary: 'Cases passed.',
      parameters: {
        stage: {
          type: 'enum',
          values: ['before', 'during', 'after'],
          describe: 'The stage.',
          required: true,
        },
      },
    },
    { name: 'nothing-leaked', summary: 'Nothing is left.', parameters: {} },
  ],
};

/** A plan that uses every kind of step and every section. */
export const GOOD_PLAN = `# Wants to learn: does it stand this?
# In two lines.

# Not part of it.
apiVersion: squall.dev/v1alpha1
kind: ChaosPlan
metadata:
  name: everything
  description: Not taken.
parameters:
  hold: 6s
  rounds: 3
seed: 42
conformance:
  before: {}
  during:
    tags: [smoke]
    grep: ^keystone/
probes:
  - name: web
    probe: http
    endpoint: keystone
    every: 50ms
    path: /v3
  - probe: tcp
    endpoint: kubernetes
watchers: [nodes]
method:
  - fault: pod-delete
    selector: {role: api}
  - wait: recovered
  - wait: 2s
  - suites: {tags: [smoke]}
  - parallel:
      - name: cut
        fault: network-partition
        selector: {role: control}
        from: {role: compute}
        mode: fixed
        value: 2
        duration: \${hold}
        ports: [6443, "2379"]
      - - wait: 1s
        - fault: node-power-off
          selector: {role: compute, labels: {a.b/c: d}}
          mode: percent
          value: 50%
          duration: 1m30s
  - repeat:
      times: \${rounds}
      steps:
        - fault: pod-delete
          name: again
          selector: {service: nova}
          mode: all
          gracePeriod: 10s
  - repeat:
      for: 65s
      every: 10s
      steps: [{wait: 1s}]
objectives:
  - objective: availability
    probe: web
    minimum: 99.9%
  - objective: recovery-time
    step: cut
    maximum: 1.5 x predicted
  - objective: recovery-time
    maximum: 30s
  - objective: conformance
    stage: before
guards:
  - probe: web
    downFor: 1m
limits:
  maxShare: 25%
`;
