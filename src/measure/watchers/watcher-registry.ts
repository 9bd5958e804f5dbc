import type { CatalogueEntry } from '../../model/catalogue.ts';
import { agents } from './agents.ts';
import { endpoints } from './endpoints.ts';
import { galera } from './galera.ts';
import { leaders } from './leaders.ts';
import { nodes } from './nodes.ts';
import { rabbitmq } from './rabbitmq.ts';
import type { Watcher } from './watcher.ts';

/** Every watcher that there is; a new one is a line here. */
export const watcherRegistry: readonly Watcher[] = [endpoints, leaders, nodes, galera, rabbitmq, agents];

/** What a plan may name. Watchers take no parameters. */
export const watcherEntries: readonly CatalogueEntry[] = watcherRegistry.map(({ name, summary }) => ({
  name,
  summary,
  parameters: {},
}));
