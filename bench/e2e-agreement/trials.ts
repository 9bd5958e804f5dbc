/** What one defect of `bench/seeded-defects` does to upstream's checks, by their names there. */
export interface Trial {
  /** The name of the defect. */
  readonly defect: string;
  /** Must fail in both, or the defect was seen by one of them only, or by none. */
  readonly fails: readonly string[];
  /** Look at something else, and must pass in both. */
  readonly passes: readonly string[];
  /**
   * Upstream asks two nodes that it draws among those that take pods; these are left to it, so that the broken one is among them.
   * Ours ask every node, and get the cluster as it is.
   */
  readonly amongNodes?: readonly string[];
}

const ADOPTED =
  '[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods [Conformance]';
const ARGUMENTS =
  "[sig-node] Containers should be able to override the image's default arguments (container cmd) [NodeConformance] [Conformance]";
const COMMAND =
  "[sig-node] Containers should be able to override the image's default command and arguments [NodeConformance] [Conformance]";
const CRON = '[sig-apps] CronJob should support CronJob API operations [Conformance]';
const HOST_ADDRESS = '[sig-node] Pods should get a host IP [NodeConformance] [Conformance]';
const LIMITS =
  '[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]';
const NOBODY =
  '[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods [Conformance]';
const POD_QUOTA =
  '[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod. [Conformance]';
const POD_TO_POD =
  '[sig-network] Networking Granular Checks: Pods should function for intra-pod communication: http [NodeConformance] [Conformance]';
const SCALE = '[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]';
const SERVICE_QUOTA =
  '[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service. [Conformance]';
const TOKEN_REQUEST =
  '[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]';

const COMPUTE = ['compute-1', 'compute-2'];

/**
 * Each defect but `no-kubelet-on-a-node`: upstream asks only nodes that are ready, so conformance has no test that sees a node
 * without a kubelet.
 */
export const TRIALS: readonly Trial[] = [
  { defect: 'no-quotas', fails: [POD_QUOTA, SERVICE_QUOTA], passes: [LIMITS, TOKEN_REQUEST] },
  {
    defect: 'no-account-tokens',
    fails: ['[sig-auth] ServiceAccounts should mount an API token into pods [Conformance]'],
    passes: [
      TOKEN_REQUEST,
      '[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]',
    ],
  },
  {
    defect: 'no-policies',
    fails: [
      '[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables. [Conformance]',
    ],
    passes: [
      SERVICE_QUOTA,
      '[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]',
    ],
  },
  {
    defect: 'no-names',
    fails: [
      '[sig-network] DNS should provide DNS for the cluster [Conformance]',
      '[sig-network] DNS should provide DNS for services [Conformance]',
    ],
    passes: ['[sig-network] DNS should support configurable pod DNS nameservers [Conformance]', POD_TO_POD],
  },
  {
    defect: 'job-controller-may-not',
    fails: [
      '[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname [Conformance]',
      '[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early [Conformance]',
    ],
    passes: [CRON, ADOPTED],
  },
  {
    defect: 'no-proxy-on-a-node',
    fails: ['[sig-network] Services should be able to create a functioning NodePort service [Conformance]'],
    passes: [POD_TO_POD, NOBODY],
    amongNodes: COMPUTE,
  },
  {
    defect: 'no-disruption-controller',
    fails: [
      '[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]',
      '[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it [Conformance]',
    ],
    passes: [ADOPTED, LIMITS],
  },
  {
    defect: 'no-garbage-collector',
    fails: [
      '[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning [Conformance]',
      '[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning [Conformance]',
    ],
    passes: [SCALE, ADOPTED],
  },
  { defect: 'no-scheduler', fails: [HOST_ADDRESS, COMMAND], passes: [POD_QUOTA, TOKEN_REQUEST] },
  { defect: 'all-cordoned', fails: [HOST_ADDRESS, ARGUMENTS], passes: [SERVICE_QUOTA, CRON] },
  {
    defect: 'no-way-between-two-nodes',
    fails: [POD_TO_POD],
    passes: [ARGUMENTS, NOBODY],
    amongNodes: COMPUTE,
  },
];

/** What is asked of the healthy cluster: every check of every trial, and all of them pass. */
export const HEALTHY: Trial = {
  defect: 'none',
  fails: [],
  passes: [...new Set(TRIALS.flatMap(({ fails, passes }) => [...fails, ...passes]))],
};
