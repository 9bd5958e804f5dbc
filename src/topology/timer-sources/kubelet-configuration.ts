import { parseDuration } from '../../model/duration.ts';
import type { Timer } from '../../model/topology.ts';
import { byText } from '../object-fields.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** A kubelet renews its lease after a quarter of its duration (kubelet `nodeLeaseRenewIntervalFraction`). */
const RENEW_FRACTION = 0.25;

/**
 * The KubeletConfiguration that kubeadm keeps for all nodes, or what kubelets themselves say; of several the slowest counts.
 * A zero or an absent field means the default, as in the kubelet.
 */
export const kubeletConfiguration: TimerSource = ({ files }) => {
  const read = files
    .filter(({ from }) => from === 'configmap kube-system/kubelet-config' || from.startsWith('kubelet of '))
    .map(({ from, text }) => ({
      from,
      statusMs: parseDuration(valueOf(text, 'nodeStatusUpdateFrequency') ?? '')?.ms ?? 0,
      renewMs: Number(valueOf(text, 'nodeLeaseDurationSeconds') ?? '0') * 1000 * RENEW_FRACTION,
    }));
  const slowest = (key: 'statusMs' | 'renewMs', name: string, field: string): readonly Timer[] => {
    const [found] = read
      .filter((each) => each[key] > 0)
      .sort((a, b) => b[key] - a[key] || byText(a.from, b.from));
    return timerIf(name, found?.[key], `${field} in ${found?.from ?? ''}`);
  };
  return [
    ...slowest('statusMs', 'node-status-update-frequency', 'nodeStatusUpdateFrequency'),
    ...slowest('renewMs', 'node-lease-renew-interval', 'a quarter of nodeLeaseDurationSeconds'),
  ];
};

/** A field at the top level of a YAML or JSON document, which is all that is needed of it here. */
function valueOf(text: string, key: string): string | undefined {
  return new RegExp(`^[\\s{,]{0,2}"?${key}"?:\\s*"?([^\\s",}]+)`, 'm').exec(text)?.[1];
}
