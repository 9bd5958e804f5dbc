import { parseDuration } from '../../model/duration.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** A kubelet renews its lease after a quarter of its duration (kubelet `nodeLeaseRenewIntervalFraction`). */
const RENEW_FRACTION = 0.25;

/** The KubeletConfiguration that kubeadm keeps for all nodes. A zero or an absent field means the default, as in the kubelet. */
export const kubeletConfiguration: TimerSource = ({ files }) => {
  const file = files.find((each) => each.from === 'configmap kube-system/kubelet-config');
  if (file === undefined) return [];
  const lease = Number(valueOf(file.text, 'nodeLeaseDurationSeconds') ?? '0');
  const status = parseDuration(valueOf(file.text, 'nodeStatusUpdateFrequency') ?? '')?.ms ?? 0;
  return [
    ...timerIf(
      'node-status-update-frequency',
      status > 0 ? status : undefined,
      `nodeStatusUpdateFrequency in ${file.from}`,
    ),
    ...timerIf(
      'node-lease-renew-interval',
      lease > 0 ? lease * 1000 * RENEW_FRACTION : undefined,
      `a quarter of nodeLeaseDurationSeconds in ${file.from}`,
    ),
  ];
};

/** A field at the top level of a YAML or JSON document, which is all that is needed of it here. */
function valueOf(text: string, key: string): string | undefined {
  return new RegExp(`^[\\s{,]{0,2}"?${key}"?:\\s*"?([^\\s",}]+)`, 'm').exec(text)?.[1];
}
