/** What only shows with the page's script: controls of the timeline, the readout under the pointer, and where a number comes from. */
export const LIVE = `
.controls { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; margin-bottom: 0.9rem; font-size: 0.9rem; }
.controls[hidden] { display: none; }
.controls button, .trace button, .reach { font: inherit; color: var(--ink); background: var(--code); border: 1px solid var(--line); border-radius: 0.4rem; min-width: 2rem; min-height: 2rem; padding: 0 0.7rem; cursor: pointer; }
.controls button:hover, .trace button:hover, .reach:hover { border-color: var(--soft); }
.controls button:disabled { color: var(--soft); cursor: default; border-color: var(--line); }
.shown { font-weight: 600; margin: 0 0.8rem 0 0.4rem; }
.live .board { cursor: crosshair; touch-action: pan-y; user-select: none; -webkit-user-select: none; }
.live .behind { overflow: hidden; }
.live .row-plot { clip-path: inset(-3px -1px); }
.live .badges .row-plot, .live .axis .row-plot { clip-path: inset(-3px -12px); }
.cursor { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--ink); opacity: 0.55; pointer-events: none; }
.chosen { position: absolute; top: 0; bottom: 0; background: var(--link); opacity: 0.16; pointer-events: none; }
.readout { position: absolute; z-index: 2; width: max-content; max-width: min(22rem, 80vw); background: var(--ink); color: var(--paper); border-radius: 0.45rem; padding: 0.5rem 0.75rem; font-size: 0.86rem; line-height: 1.4; pointer-events: none; }
.readout strong { display: block; font-size: 0.95rem; }
.readout div { margin: 0; }
.live data { cursor: help; border-radius: 0.2rem; }
.live data:hover, .live data[aria-expanded="true"] { text-decoration: underline dotted; text-underline-offset: 0.2em; }
.trace { position: fixed; z-index: 4; right: 1rem; bottom: 1rem; left: 1rem; max-width: 44rem; margin-left: auto; background: var(--card); border: 1px solid var(--soft); border-radius: 0.6rem; box-shadow: 0 0.5rem 2rem #0004; padding: 0.9rem 1.2rem 1rem; }
.trace h2 { font-size: 1.05rem; margin: 0 2.5rem 0.4rem 0; }
.trace dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.3rem 1rem; margin: 0; font-size: 0.93rem; max-height: 40vh; overflow: auto; }
.trace dt { color: var(--soft); }
.trace dd { margin: 0; }
.trace button { position: absolute; top: 0.6rem; right: 0.6rem; }
.reach { font-size: 0.86rem; margin-top: 0.4rem; }
.reach[aria-pressed="true"] { background: var(--ink); color: var(--paper); }
.trace[hidden] { display: none; }
@media (max-width: 42rem) { .hint { display: none; } }`;
