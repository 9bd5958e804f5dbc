export { diskInFile } from './member-disk.ts';
export type { DiskLine, MemberDisk } from './member-disk.ts';
export { MemberStore } from './member-store.ts';
export type { Answer, MemberTimers, Question } from './message.ts';
