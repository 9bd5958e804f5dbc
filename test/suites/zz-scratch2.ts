import { writeFileSync } from 'node:fs';
import { startModelCloud, ADMIN_PASSWORD } from '../rehearsal/openstack/model-cloud.ts';
import { bundledSuites } from '../../src/entries/places.ts';
import { CaseRunner } from './case-runner.ts';
import { allCases, forEachCase, parseTable, renderTable, searchRow, type Row } from './mutation-table.ts';
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
process.setMaxListeners(100);
const runner = new CaseRunner({ cloudsYaml: '/tmp/sq9/clouds.yaml', cloud: 'm' }, ['openstack']);
const t = Date.now();
const cases = (await allCases(bundledSuites())).filter((c) => !c.file.name.startsWith('kubernetes'));
const rows = (
  await forEachCase(cases, async (one) => {
    const s = Date.now();
    try {
      const row = await searchRow(runner, one);
      console.error(one.declaration.id, Date.now() - s);
      return row;
    } catch (e) {
      console.error(one.declaration.id, String(e));
      return undefined;
    }
  })
).filter((r) => r) as Row[];
console.log(renderTable(rows));
console.log(Date.now() - t);
console.log(JSON.stringify(parseTable(renderTable(rows))) === JSON.stringify(rows));
runner.remove();
process.exit(0);
