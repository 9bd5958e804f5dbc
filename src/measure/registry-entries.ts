export { probeEntries } from './probe-registry.ts';
export { watcherEntries } from './watchers/watcher-registry.ts';
