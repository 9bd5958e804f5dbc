import {
  expect,
  inside,
  logOf,
  makeNamespace,
  podsOf,
  podSpec,
  suite,
  type CaseContext,
  type Fields,
  type KubernetesObject,
  type Placed,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

interface Job extends KubernetesObject {
  readonly status: {
    readonly succeeded?: number;
    readonly failed?: number;
    readonly completedIndexes?: string;
    readonly failedIndexes?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
    }[];
  };
}

/** A job whose pods run the test program with these arguments and are not started again in place. */
async function makeJob(
  context: CaseContext,
  home: string,
  args: readonly string[],
  more: Fields = {},
): Promise<Placed> {
  const name = context.names.fresh('job');
  const collection = inside(home, 'jobs', 'batch/v1');
  const template = { spec: podSpec(context, { args, spec: { restartPolicy: 'Never' } }) };
  const spec = { template, ...more };
  await context.make.object(collection, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec });
  return { name, path: `${collection}/${name}` };
}

/** Waits until a job has this condition. @returns the job, and the reason of the condition. */
async function untilJob(
  { kubernetes, eventually }: CaseContext,
  { path }: Placed,
  type: 'Complete' | 'Failed',
): Promise<Job & { reason?: string }> {
  return eventually(
    `the job is ${type}`,
    async () => {
      const job = (await kubernetes.get(path)) as Job | undefined;
      const is = job?.status.conditions?.find((one) => one.type === type && one.status === 'True');
      if (job === undefined || is === undefined)
        throw new Error(`Its status is ${JSON.stringify(job?.status)}.`);
      return { ...job, ...(is.reason === undefined ? {} : { reason: is.reason }) };
    },
    { every: { ms: 100 } },
  );
}

const ofJob = ({ name }: Placed): string => `batch.kubernetes.io/job-name=${name}`;

suite('kubernetes/jobs', { title: 'Jobs', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'jobs'));

  it(
    'indexed',
    {
      title: 'runs each index of a job once, and tells each pod which one it is',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname [Conformance]',
      ],
    },
    async (context) => {
      const job = await makeJob(context, home(), ['env', 'JOB_COMPLETION_INDEX'], {
        completions: 3,
        parallelism: 2,
        completionMode: 'Indexed',
      });
      const { status } = await untilJob(context, job, 'Complete');
      expect(status).to.deep.include({ succeeded: 3, completedIndexes: '0-2' });
      const pods = await podsOf(context, home(), ofJob(job));
      const said = await Promise.all(
        pods.map(({ metadata: { name } }) =>
          logOf(context, { name, path: `${inside(home(), 'pods')}/${name}` }),
        ),
      );
      expect(said).to.have.members([0, 1, 2].map((index) => `JOB_COMPLETION_INDEX=${index}\n`));
      expect(pods.map(({ spec }) => spec['hostname'])).to.have.members(
        [0, 1, 2].map((index) => `${job.name}-${index}`),
      );
    },
  );

  it(
    'given-up',
    {
      title: 'gives a job up after so many failures',
      tags: ['write', 'negative'],
    },
    async (context) => {
      const job = await makeJob(context, home(), ['crash'], { backoffLimit: 0 });
      const { status, reason } = await untilJob(context, job, 'Failed');
      expect(reason).to.equal('BackoffLimitExceeded');
      expect(status.failed).to.equal(1);
    },
  );

  it(
    'failed-early',
    {
      title: 'gives a job up at once at an exit code that its policy names',
      tags: ['write', 'negative'],
      covers: [
        '[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early [Conformance]',
      ],
    },
    async (context) => {
      const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }];
      const job = await makeJob(context, home(), ['crash', '-code', '42'], {
        podFailurePolicy: { rules },
        backoffLimit: 5,
      });
      const { status, reason } = await untilJob(context, job, 'Failed');
      expect(reason).to.equal('PodFailurePolicy');
      expect(status.failed).to.equal(1);
    },
  );

  it(
    'indexes-apart',
    {
      title: 'goes on with the other indexes when one of them fails for good',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] Job should execute all indexes despite some failing when using backoffLimitPerIndex [Conformance]',
      ],
    },
    async (context) => {
      const job = await makeJob(context, home(), ['crash', '-code', '$(JOB_COMPLETION_INDEX)'], {
        completions: 2,
        parallelism: 2,
        completionMode: 'Indexed',
        backoffLimitPerIndex: 0,
      });
      const { status, reason } = await untilJob(context, job, 'Failed');
      expect(reason).to.equal('FailedIndexes');
      expect(status).to.deep.include({ completedIndexes: '0', failedIndexes: '1', succeeded: 1, failed: 1 });
    },
  );

  it(
    'enough',
    {
      title: 'is done when enough of its indexes are, and ends the others',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending [Conformance]',
      ],
    },
    async (context) => {
      // Index 0 ends at once, and index 1 long after the case.
      const job = await makeJob(
        context,
        home(),
        ['crash', '-code', '0', '-after', '$(JOB_COMPLETION_INDEX)00s'],
        {
          completions: 2,
          parallelism: 2,
          completionMode: 'Indexed',
          successPolicy: { rules: [{ succeededIndexes: '0' }] },
        },
      );
      const { status } = await untilJob(context, job, 'Complete');
      expect(status.completedIndexes).to.match(/^0/);
      expect(status.conditions?.find(({ type }) => type === 'SuccessCriteriaMet')?.status).to.equal('True');
    },
  );

  it(
    'suspended',
    {
      title: 'starts no pod of a job that is suspended, and all of them when it goes on',
      tags: ['write', 'scenario'],
      covers: ['[sig-apps] Job should manage the lifecycle of a job [Conformance]'],
    },
    async (context) => {
      const job = await makeJob(context, home(), ['version'], { suspend: true });
      await context.eventually('the job is called suspended', async () => {
        const now = (await context.kubernetes.get(job.path)) as Job | undefined;
        expect(now?.status.conditions?.find(({ type }) => type === 'Suspended')?.status).to.equal('True');
      });
      expect(await podsOf(context, home(), ofJob(job))).to.deep.equal([]);
      await context.kubernetes.patch(job.path, { spec: { suspend: false } });
      expect((await untilJob(context, job, 'Complete')).status.succeeded).to.equal(1);
    },
  );

  it(
    'cron-api',
    {
      title: 'keeps a job for later, changes when it comes, and forgets it',
      tags: ['write'],
      covers: ['[sig-apps] CronJob should support CronJob API operations [Conformance]'],
    },
    async (context) => {
      const { kubernetes, make, names, owner } = context;
      const collection = inside(home(), 'cronjobs', 'batch/v1');
      const name = names.fresh('cron');
      const template = { spec: podSpec(context, { args: ['version'], spec: { restartPolicy: 'Never' } }) };
      const spec = { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: { template } } };
      await make.object(collection, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec });
      const path = `${collection}/${name}`;
      const changed = await kubernetes.patch(path, { spec: { schedule: '0 0 2 2 *' } });
      expect(changed['spec']).to.deep.include({
        schedule: '0 0 2 2 *',
        suspend: true,
        concurrencyPolicy: 'Allow',
      });
      const listed = await kubernetes.list(collection, { labelSelector: `${owner.label}=${owner.value}` });
      expect(listed.map(({ metadata }) => metadata.name)).to.include(name);
      const wrong = await kubernetes.request({
        method: 'PATCH',
        path,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { spec: { schedule: 'now and then' } },
      });
      expect(wrong.status).to.equal(422);
      expect(await kubernetes.delete(path)).to.equal(true);
    },
  );
});
