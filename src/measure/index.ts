export { assignProbes, type AssignedProbes } from './assign-probes.ts';
export { exportParquet } from './export-parquet.ts';
export { LiveBoard, type BoardState } from './live-board.ts';
export { probeEntries, probeRegistry } from './probe-registry.ts';
export type { Probe, ProbeContext } from './probes/probe.ts';
export { readSeries } from './read-series.ts';
export { startWatchers } from './watchers/start-watchers.ts';
export { watcherEntries, watcherRegistry } from './watchers/watcher-registry.ts';
export type { Watcher, WatcherTools } from './watchers/watcher.ts';
