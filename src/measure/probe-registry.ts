import type { CatalogueEntry } from '../model/catalogue.ts';
import { dns } from './probes/dns.ts';
import { guest } from './probes/guest.ts';
import { http } from './probes/http.ts';
import { kubernetesDurableWrite } from './probes/kubernetes-durable-write.ts';
import { kubernetesRead } from './probes/kubernetes-read.ts';
import { kubernetesWrite } from './probes/kubernetes-write.ts';
import { openstackDurableWrite } from './probes/openstack-durable-write.ts';
import { openstackRead } from './probes/openstack-read.ts';
import { openstackWrite } from './probes/openstack-write.ts';
import { podToService } from './probes/pod-to-service.ts';
import type { Probe } from './probes/probe.ts';
import { serverBoot } from './probes/server-boot.ts';
import { tcp } from './probes/tcp.ts';
import { tls } from './probes/tls.ts';

/** All probes that a plan may name; a new one is a file beside these and a line here. */
export const probeRegistry: readonly Probe[] = [
  http,
  tcp,
  tls,
  dns,
  kubernetesRead,
  kubernetesWrite,
  kubernetesDurableWrite,
  openstackRead,
  openstackWrite,
  podToService,
  guest,
  serverBoot,
  openstackDurableWrite,
];

export const probeEntries: readonly CatalogueEntry[] = probeRegistry.map(({ name, summary, parameters }) => ({
  name,
  summary,
  parameters,
}));
