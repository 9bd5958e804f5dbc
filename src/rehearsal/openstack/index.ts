import type { OpenStackService, ReplicaContext, ReplicaListener } from '../replica.ts';
import { serveApi } from './api-service.ts';
import { cinder } from './cinder.ts';
import { glance } from './glance.ts';
import { keystone } from './keystone.ts';
import { neutron } from './neutron.ts';
import { nova } from './nova.ts';

export { startComputeAgent } from './compute-agent.ts';
export { seedDatabase } from './seed-database.ts';

/** Placement is there to be discovered: all that it tells is its version. */
const ROUTES = { keystone, nova, neutron, glance, cinder, placement: [] };

/** The listener of one replica of a service. It keeps nothing itself: what it knows is in the database of its context. */
export const openStackReplica = (service: OpenStackService, context: ReplicaContext): ReplicaListener =>
  serveApi(service, ROUTES[service], context);
