import { PRIORITIES } from '../front/holder-view.ts';
import { CONTROL_NODES } from '../lab-layout.ts';
import { timer, timerText } from '../timers.ts';
import type { Json } from './json.ts';
import { nodeAddress } from './static-pods.ts';

const keepalivedConf = (priority: number): string =>
  [
    'global_defs {',
    '  vrrp_version 3',
    '}',
    'vrrp_instance api-address {',
    '  state BACKUP',
    '  nopreempt',
    '  interface eth0',
    '  virtual_router_id 51',
    `  priority ${priority}`,
    `  advert_int ${timer('keepalived.advert-interval') / 1000}`,
    '  virtual_ipaddress {',
    '    10.0.0.10',
    '  }',
    '}',
    '',
  ].join('\n');

const haproxyCfg = (): string => {
  const check = [
    `inter ${timer('haproxy.check-interval')}ms`,
    `fall ${timer('haproxy.check-fall')}`,
    `rise ${timer('haproxy.check-rise')}`,
    'on-marked-down shutdown-sessions',
  ].join(' ');
  return [
    'defaults',
    '  mode tcp',
    `  timeout connect ${timer('haproxy.connect-timeout')}ms`,
    `  timeout check ${timer('haproxy.check-timeout')}ms`,
    '  timeout client 1h',
    '  timeout server 1h',
    'frontend kube-apiserver',
    '  bind :6443',
    '  default_backend kube-apiserver',
    'backend kube-apiserver',
    '  option httpchk GET /readyz',
    `  default-server check ${check}`,
    ...CONTROL_NODES.map((node) => `  server ${node} ${nodeAddress(node)}:6443`),
    '',
  ].join('\n');
};

const kubeletYaml = (): string =>
  [
    'apiVersion: kubelet.config.k8s.io/v1beta1',
    'kind: KubeletConfiguration',
    `nodeLeaseDurationSeconds: ${timer('node-lease-duration') / 1000}`,
    `nodeStatusUpdateFrequency: ${timerText('node-status-update-frequency')}`,
    '',
  ].join('\n');

const novaConf = (): string =>
  [
    '[DEFAULT]',
    `report_interval = ${timer('nova.report-interval') / 1000}`,
    `service_down_time = ${timer('nova.service-down-time') / 1000}`,
    '',
  ].join('\n');

const seconds = (ms: number): string => `PT${ms / 1000}S`;

const myCnf = (): string => {
  const options = [
    `evs.suspect_timeout=${seconds(timer('galera.suspect-timeout'))}`,
    `evs.keepalive_period=${seconds(timer('galera.keepalive-period'))}`,
  ];
  return ['[mysqld]', 'wsrep_on=ON', `wsrep_provider_options="${options.join(';')}"`, ''].join('\n');
};

/** Every object that holds configuration, by the plural of its resource. */
export function configurationObjects(): readonly { readonly plural: string; readonly object: Json }[] {
  const keepalived = Object.entries(PRIORITIES).map(
    ([node, priority]) => [`${node}.conf`, keepalivedConf(priority)] as const,
  );
  const file = (namespace: string, name: string, data: Json): { plural: string; object: Json } => ({
    plural: 'configmaps',
    object: { metadata: { name, namespace }, data },
  });
  const secret = (name: string, stringData: Json): { plural: string; object: Json } => ({
    plural: 'secrets',
    object: {
      metadata: { name, namespace: 'openstack', labels: { application: name.replace('-etc', '') } },
      stringData,
    },
  });
  return [
    file('kube-system', 'kubelet-config', { kubelet: kubeletYaml() }),
    file('kube-system', 'keepalived-config', Object.fromEntries(keepalived)),
    file('kube-system', 'haproxy-config', { 'haproxy.cfg': haproxyCfg() }),
    secret('nova-etc', { 'nova.conf': novaConf() }),
    file('openstack', 'mariadb-etc', { '00-base.cnf': myCnf() }),
  ];
}
