import type { NodeShape } from './shape.ts';

/** How a unit of a node is stopped, and who answers for it. */
export type UnitKind =
  | { readonly kind: 'systemd'; readonly port: number }
  /** It has no port; whether it lives is asked on the node, of its own socket or process. */
  | { readonly kind: 'systemd'; readonly ask: readonly string[] }
  | { readonly kind: 'static-pod'; readonly port: number };

const EVERYWHERE: Readonly<Record<string, UnitKind>> = {
  kubelet: { kind: 'systemd', port: 10250 },
  containerd: { kind: 'systemd', ask: ['ctr', '--connect-timeout', '1s', 'version'] },
};

const ON_CONTROL: Readonly<Record<string, UnitKind>> = {
  keepalived: { kind: 'systemd', ask: ['pgrep', '--exact', 'keepalived'] },
  etcd: { kind: 'static-pod', port: 2379 },
  'kube-apiserver': { kind: 'static-pod', port: 6443 },
  'kube-controller-manager': { kind: 'static-pod', port: 10257 },
  'kube-scheduler': { kind: 'static-pod', port: 10259 },
};

/** By the names that discovery gives them. */
export const unitsOfNode = ({ role }: NodeShape): Readonly<Record<string, UnitKind>> =>
  role === 'control' ? { ...EVERYWHERE, ...ON_CONTROL } : EVERYWHERE;
