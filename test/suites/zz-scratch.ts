import { writeFileSync } from 'node:fs';
import { startModelCloud, ADMIN_PASSWORD } from '../rehearsal/openstack/model-cloud.ts';
import { inProcessLanes } from './in-process-lanes.ts';
import { runConformance } from '../../src/conformance/stage.ts';
import { bundledSuites } from '../../src/entries/places.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
const cloud = await startModelCloud();
cloud.startCompute('compute-1');
cloud.startCompute('compute-2');
await new Promise((r) => setTimeout(r, 200));
writeFileSync(
  '/tmp/sq9/clouds.yaml',
  `clouds:
  m:
    auth: {auth_url: "${cloud.url('keystone')}/v3", username: admin, password: "${ADMIN_PASSWORD}", project_name: admin, user_domain_name: Default, project_domain_name: Default}
    region_name: RegionOne
`,
);
const connection = { cloudsYaml: '/tmp/sq9/clouds.yaml', cloud: 'm' };
const t = Date.now();
const out: string[] = [];
const results = await runConformance(
  {
    stage: 'alone',
    run: 'abc',
    selection: { suites: ['identity', 'compute', 'network', 'image', 'block-storage'], tags: [] },
    files: bundledSuites(),
    connection,
    abilities: ['openstack'],
    lanes: 2,
    client: 'strict',
    caseTimeout: { ms: 60000 },
  },
  {
    lanes: inProcessLanes(connection),
    clock: createSystemClock(),
    folder: {
      path: '/tmp',
      write: async () => {},
      append() {},
      flush: async () => {},
      read: async () => undefined,
      readText: async () => undefined,
      readJson: async () => undefined,
      readLines: async () => [],
      list: async () => [],
    },
    progress: {
      report(e) {
        if (e.kind !== 'case') console.log(e);
      },
    },
    ledger: {
      creating() {},
      created(e) {
        out.push('+' + e.name);
      },
      deleted(e) {
        out.push('-' + e.name);
      },
      outstanding: () => [],
    },
  },
  new AbortController().signal,
);
for (const r of results.results)
  console.log(
    r.outcome.padEnd(8),
    r.id,
    ((r.ended.ns - r.started.ns) / 1e6).toFixed(0) + 'ms',
    r.reason ?? '',
    r.outcome === 'failed' ? r.details?.slice(0, 900) : '',
  );
console.log(results.results.length, Date.now() - t, 'ms', out.length);
await cloud.stop();
process.exit(0);
