import type { Timer } from '../../model/topology.ts';
import { ADDRESS_LEASES } from '../api-address.ts';
import { numberAt } from '../object-fields.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** Leases say themselves how long they hold, also where the flags of whoever takes them are out of sight. */
const LEASES: readonly { readonly timer: string; readonly names: readonly string[] }[] = [
  { timer: 'leader-elect-lease-duration', names: ['kube-controller-manager'] },
  { timer: 'scheduler-lease-duration', names: ['kube-scheduler'] },
  { timer: 'address-failover', names: ADDRESS_LEASES.filter((name) => name !== 'api-address') },
];

export const leaseDurations: TimerSource = ({ leases }) =>
  LEASES.flatMap(({ timer, names }): readonly Timer[] => {
    const lease = leases.find(({ metadata }) => names.includes(metadata.name));
    const seconds = numberAt(lease, 'spec', 'leaseDurationSeconds');
    return timerIf(
      timer,
      seconds === undefined ? undefined : seconds * 1000,
      `leaseDurationSeconds of the lease kube-system/${lease?.metadata.name ?? ''}`,
    );
  });
