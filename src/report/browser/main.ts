import type { PageData } from '../page/page-data-shape.ts';
import { openTraces } from './figure-traces.ts';
import { openTimeline } from './timeline-view.ts';

// The page is whole without this: it adds zoom and pointing to the timeline, and to every number where it comes from.
const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData;
document.documentElement.classList.add('live');
openTimeline(data);
openTraces(data);
