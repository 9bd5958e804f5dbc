import { PRIORITIES } from '../front/holder-view.ts';
import { timer, timerText } from '../timers.ts';

const keepalivedConf = (priority: number): string => `global_defs {
  vrrp_version 3
}
vrrp_instance api-address {
  nopreempt
  priority ${priority}
  advert_int ${timer('keepalived.advert-interval') / 1000}
}
`;

const HAPROXY_CFG = `defaults
  mode tcp
  timeout connect ${timer('haproxy.connect-timeout')}ms
  timeout check ${timer('haproxy.check-timeout')}ms
backend kube-apiserver
  option httpchk GET /readyz
  default-server check inter ${timer('haproxy.check-interval')}ms fall ${timer('haproxy.check-fall')} rise ${timer('haproxy.check-rise')}
`;

const KUBELET_YAML = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
nodeLeaseDurationSeconds: ${timer('node-lease-duration') / 1000}
nodeStatusUpdateFrequency: ${timerText('node-status-update-frequency')}
`;

export const NOVA_CONF = `[DEFAULT]
report_interval = ${timer('nova.report-interval') / 1000}
service_down_time = ${timer('nova.service-down-time') / 1000}
`;

const MY_CNF = `[mysqld]
wsrep_provider_options="evs.suspect_timeout=PT${timer('galera.suspect-timeout') / 1000}S;evs.inactive_timeout=PT${timer('galera.inactive-timeout') / 1000}S"
`;

const KEEPALIVED = Object.entries(PRIORITIES).map(([node, each]) => [`${node}.conf`, keepalivedConf(each)]);

/** ConfigMaps where discovery reads the timers: their files by namespace and name. */
export const CONFIG_MAPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kube-system/kubelet-config': { kubelet: KUBELET_YAML },
  'kube-system/keepalived-config': Object.fromEntries(KEEPALIVED) as Readonly<Record<string, string>>,
  'kube-system/haproxy-config': { 'haproxy.cfg': HAPROXY_CFG },
  'openstack/mariadb-etc': { '00-base.cnf': MY_CNF },
};
