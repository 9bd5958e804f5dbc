import { onNode, kubectl, CONTROL, NODES } from './on-nodes.ts';

/** One way to break a cluster, and what of the suites must see it and what must not. */
export interface Defect {
  readonly name: string;
  readonly says: string;
  seed(): Promise<void>;
  /** Also of a defect that was seeded by half, or not at all. */
  undo(): Promise<void>;
  /** Cases that must fail. */
  readonly fails: readonly string[];
  /** Cases that look at something else, and must pass. */
  readonly passes: readonly string[];
}

const MANIFESTS = '/etc/kubernetes/manifests';
const KEPT = '/etc/kubernetes/squall-kept';

/** Every control node with another argument for one of its components. */
const withArgument = (component: string, argument: string): Pick<Defect, 'seed' | 'undo'> => {
  const file = `${MANIFESTS}/${component}.yaml`;
  const [flag = ''] = argument.split('=');
  // A flag that is there gets the value; one that is not comes after the name of the program.
  const seeding = [
    `mkdir -p ${KEPT} && cp -n ${file} ${KEPT}/ && cp ${KEPT}/${component}.yaml /tmp/${component}.yaml`,
    `sed -i '/^    - ${flag}=/d' /tmp/${component}.yaml`,
    `sed -i 's#^    - ${component}$#&\\n    - ${argument}#' /tmp/${component}.yaml`,
    `mv /tmp/${component}.yaml ${file}`,
  ].join(' && ');
  const undoing = `[ ! -e ${KEPT}/${component}.yaml ] || mv ${KEPT}/${component}.yaml ${file}`;
  const onEach = async (script: string, there: boolean): Promise<void> => {
    for (const node of CONTROL) await onNode(node, script);
    // The kubelet starts it anew; it is the new one when its command line says so.
    const look = `pgrep --full -- '^${component} .*${argument.replaceAll('*', '[*]')}'`;
    for (const node of CONTROL)
      await onNode(
        node,
        `for n in $(seq 300); do ${there ? '' : '! '}${look} >/dev/null && exit 0; sleep 0.3; done; exit 1`,
      );
  };
  return { seed: () => onEach(seeding, true), undo: () => onEach(undoing, false) };
};

const moved = (component: string): Pick<Defect, 'seed' | 'undo'> => ({
  async seed() {
    for (const node of CONTROL)
      await onNode(
        node,
        `mkdir -p ${KEPT} && mv ${MANIFESTS}/${component}.yaml ${KEPT}/; for n in $(seq 200); do pgrep --full '^${component} ' >/dev/null || exit 0; sleep 0.3; done; exit 1`,
      );
  },
  async undo() {
    const back = `[ ! -e ${KEPT}/${component}.yaml ] || mv ${KEPT}/${component}.yaml ${MANIFESTS}/`;
    for (const node of CONTROL) await onNode(node, back);
  },
});

export const DEFECTS: readonly Defect[] = [
  {
    name: 'no-quotas',
    says: 'the API server counts no quotas (`--disable-admission-plugins=ResourceQuota`)',
    ...withArgument('kube-apiserver', '--disable-admission-plugins=ResourceQuota'),
    fails: ['kubernetes/quotas/configmaps', 'kubernetes/quotas/pods'],
    passes: ['kubernetes/quotas/limits', 'kubernetes/configmaps/read-back'],
  },
  {
    name: 'no-account-tokens',
    says: 'the API server gives pods no tokens (`--disable-admission-plugins=ServiceAccount`)',
    ...withArgument('kube-apiserver', '--disable-admission-plugins=ServiceAccount'),
    fails: ['kubernetes/service-accounts/token-in-pod'],
    passes: ['kubernetes/service-accounts/token-request', 'kubernetes/service-accounts/life-cycle'],
  },
  {
    name: 'no-policies',
    says: 'the API server asks no policies (`--disable-admission-plugins=ValidatingAdmissionPolicy,MutatingAdmissionPolicy`)',
    ...withArgument(
      'kube-apiserver',
      '--disable-admission-plugins=ValidatingAdmissionPolicy,MutatingAdmissionPolicy',
    ),
    fails: ['kubernetes/admission-policies/refused', 'kubernetes/admission-policies/changed'],
    passes: ['kubernetes/quotas/configmaps', 'kubernetes/custom-kinds/schema'],
  },
  {
    name: 'no-names',
    says: 'the name service has no pods',
    seed: () => kubectl('-n', 'kube-system', 'scale', 'deployment/coredns', '--replicas=0', '--timeout=60s'),
    undo: async () => {
      await kubectl('-n', 'kube-system', 'scale', 'deployment/coredns', '--replicas=2');
      await kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s');
    },
    fails: ['kubernetes/names/cluster', 'kubernetes/names/service', 'kubernetes/workloads/dns-complete'],
    passes: ['kubernetes/names/own-name-servers', 'kubernetes/cluster-network/through-service'],
  },
  {
    name: 'job-controller-may-not',
    says: 'the controller of jobs may do nothing: its role binding is gone',
    seed: () => kubectl('delete', 'clusterrolebinding', 'system:controller:job-controller'),
    undo: () =>
      kubectl(
        'create',
        'clusterrolebinding',
        'system:controller:job-controller',
        '--clusterrole=system:controller:job-controller',
        '--serviceaccount=kube-system:job-controller',
      ).catch((error: unknown) => {
        if (!String(error).includes('already exists')) throw error;
      }),
    fails: ['kubernetes/jobs/indexed', 'kubernetes/jobs/given-up'],
    passes: ['kubernetes/jobs/cron-api', 'kubernetes/replicas/replaced'],
  },
  {
    name: 'no-proxy-on-a-node',
    says: 'kube-proxy does not run on compute-1, and its rules are gone',
    async seed() {
      await kubectl('label', 'node', 'compute-1', 'squall.dev/no-proxy=true', '--overwrite');
      const key = 'squall.dev/no-proxy';
      const affinity = `{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"${key}","operator":"DoesNotExist"}]}]}}}`;
      await kubectl(
        '-n',
        'kube-system',
        'patch',
        'daemonset/kube-proxy',
        '-p',
        `{"spec":{"template":{"spec":{"affinity":${affinity}}}}}`,
      );
      await onNode(
        'compute-1',
        'for n in $(seq 200); do pgrep --exact kube-proxy >/dev/null || break; sleep 0.3; done; nft delete table ip kube-proxy',
      );
    },
    async undo() {
      await kubectl(
        '-n',
        'kube-system',
        'patch',
        'daemonset/kube-proxy',
        '-p',
        '{"spec":{"template":{"spec":{"affinity":null}}}}',
      );
      await kubectl('label', 'node', 'compute-1', 'squall.dev/no-proxy-');
      await kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/kube-proxy', '--timeout=120s');
    },
    fails: ['kubernetes/cluster-network/through-service', 'kubernetes/cluster-network/node-port'],
    passes: ['kubernetes/cluster-network/pod-to-pod', 'kubernetes/configmaps/read-back'],
  },
  {
    name: 'no-disruption-controller',
    says: 'the controllers run without the one of budgets (`--controllers=*,-disruption-controller`)',
    ...withArgument('kube-controller-manager', '--controllers=*,-disruption-controller'),
    fails: ['kubernetes/disruption-budgets/counted', 'kubernetes/disruption-budgets/eviction-refused'],
    passes: ['kubernetes/replicas/replaced', 'kubernetes/jobs/given-up'],
  },
  {
    name: 'no-garbage-collector',
    says: 'the controllers run without the one that collects (`--controllers=*,-garbage-collector-controller`)',
    ...withArgument('kube-controller-manager', '--controllers=*,-garbage-collector-controller'),
    fails: [
      'kubernetes/deployments/collected',
      'kubernetes/replicas/collected',
      'kubernetes/deployments/orphaned',
    ],
    passes: ['kubernetes/deployments/scale', 'kubernetes/replicas/adopted-and-released'],
  },
  {
    name: 'no-scheduler',
    says: 'no scheduler runs',
    ...moved('kube-scheduler'),
    fails: ['kubernetes/pod-life/host-address', 'kubernetes/scheduling/too-big'],
    passes: ['kubernetes/quotas/configmaps', 'kubernetes/service-accounts/token-request'],
  },
  {
    name: 'no-kubelet-on-a-node',
    says: 'the kubelet of compute-1 is stopped',
    async seed() {
      await onNode('compute-1', 'systemctl stop kubelet');
    },
    async undo() {
      await onNode('compute-1', 'systemctl start kubelet');
    },
    fails: ['kubernetes/leases/node-renewed', 'kubernetes/daemon-sets/on-each-node'],
    passes: ['kubernetes/custom-kinds/schema', 'kubernetes/immutable/secret'],
  },
  {
    name: 'all-cordoned',
    says: 'no node takes new pods',
    seed: () => kubectl('cordon', ...NODES),
    undo: () => kubectl('uncordon', ...NODES),
    fails: ['kubernetes/pod-life/host-address', 'kubernetes/containers/command'],
    passes: ['kubernetes/daemon-sets/on-each-node', 'kubernetes/quotas/secrets'],
  },
  {
    name: 'no-way-between-two-nodes',
    says: 'compute-1 takes no packets of pods of compute-2',
    async seed() {
      await onNode(
        'compute-1',
        'nft add table ip squall_defect && nft add chain ip squall_defect in "{ type filter hook prerouting priority -300; }" && nft add rule ip squall_defect in ip saddr 10.244.22.0/24 drop',
      );
    },
    async undo() {
      await onNode('compute-1', 'nft delete table ip squall_defect 2>/dev/null || true');
    },
    fails: ['kubernetes/cluster-network/pod-to-pod', 'kubernetes/cluster-network/through-service'],
    passes: ['kubernetes/containers/arguments', 'kubernetes/cluster-network/nobody-behind'],
  },
];
