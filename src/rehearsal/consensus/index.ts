export { diskInFolder, diskInMemory } from './member-disk.ts';
export type { MemberDisk } from './member-disk.ts';
export { MemberStore } from './member-store.ts';
export type { MemberOptions } from './member.ts';
export type { MemberTime, MemberTimers, Message } from './message.ts';
