export { hostPlatform, loadLock } from './lock.ts';
export type { ImageSpec, Lock, Part, Platform } from './lock.ts';
export { ensureParts } from './ensure-parts.ts';
export type { EnsuredBinary, PartsOptions } from './ensure-parts.ts';
export { goBuild } from './go-build.ts';
export { releaseDownload } from './release-download.ts';
export type { Source } from './source.ts';
