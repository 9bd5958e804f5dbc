import { COLOURS } from './style/colours.ts';
import { LAYOUT } from './style/layout.ts';
import { LIVE } from './style/live.ts';
import { PAPER } from './style/paper.ts';
import { TABLES } from './style/tables.ts';
import { TEXT } from './style/text.ts';
import { TIMELINE } from './style/timeline.ts';

/** The style of the page: system fonts, two palettes, and no reference to anything outside. */
export const PAGE_STYLE: string = [COLOURS, TEXT, LAYOUT, TABLES, TIMELINE, LIVE, PAPER].join('\n');
