export { discover, type DiscoveryTools } from './discover.ts';
export { discoverSubject } from './discover-subject.ts';
export { isFullyRedundant, type Redundancy } from './is-fully-redundant.ts';
export { joinSubject } from './join-subject.ts';
export { parseTopologyFile } from './parse-topology-file.ts';
export { TIMERS, type TimerKind } from './timers.ts';
export type { OwnPlace } from './own-path.ts';
