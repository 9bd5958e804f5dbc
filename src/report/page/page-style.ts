const COLOURS = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2126; --soft: #5a626d; --line: #e2dfd9; --code: #f1eee9;
  --pass: #17694a; --pass-tint: #e4f2ea; --fail: #b3261e; --fail-tint: #fbe9e6; --unknown: #855400; --unknown-tint: #fbf0d9;
  --up: #4f9d86; --down: #c7362b; --unseen: #8a919c; --fault: #5b4bb5; --band: #5b4bb51a; --link: #2d55a8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1b1f25; --ink: #e8e6e1; --soft: #a2aab5; --line: #30363f; --code: #252b33;
    --pass: #71cfa2; --pass-tint: #16302a; --fail: #ff8f83; --fail-tint: #3c1f1f; --unknown: #f0bd62; --unknown-tint: #38301c;
    --up: #5cab93; --down: #f0604f; --unseen: #7d8794; --fault: #a99bff; --band: #a99bff24; --link: #9dbcff;
  }
}`;

const TEXT = `
* { box-sizing: border-box; }
html { background: var(--paper); -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86em; }
code { background: var(--code); border-radius: 0.25rem; padding: 0.1em 0.35em; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
pre { background: var(--code); border-radius: 0.4rem; padding: 0.6rem 0.8rem; margin: 0.3rem 0; white-space: pre-wrap; }
h1, h2, h3 { line-height: 1.2; font-weight: 640; letter-spacing: -0.012em; text-wrap: balance; }
h1 { font-size: clamp(1.55rem, 1.1rem + 1.8vw, 2.5rem); margin: 0.5rem 0 0.4rem; max-width: 46ch; }
h2 { font-size: 1.3rem; margin: 0 0 0.35rem; }
h3 { font-size: 1.05rem; margin: 0; }
p { margin: 0 0 0.5rem; }
ul, ol { margin: 0.4rem 0; padding-left: 1.2rem; }
.lead { color: var(--soft); max-width: 110ch; text-wrap: pretty; margin-bottom: 0.9rem; }
.quiet { color: var(--soft); font-weight: 400; }
.figure { font-weight: 560; }
.figure, .moment { white-space: nowrap; }
.quiet .figure { font-weight: 450; }
summary { cursor: pointer; color: var(--link); padding: 0.3rem 0; width: fit-content; }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 0.2rem; }
details > *:not(summary) { margin-left: 0.2rem; }
.mark { font-weight: 640; white-space: nowrap; color: var(--soft); }
.mark.pass { color: var(--pass); }
.mark.fail { color: var(--fail); }
.mark.unknown { color: var(--unknown); }`;

const LAYOUT = `
body > header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0.25rem 2rem; }
body > header, main { max-width: 82rem; margin: 0 auto; padding: 0 clamp(1rem, 3vw, 2.5rem); }
body > header { padding-top: 1.1rem; color: var(--soft); }
body > header p { margin: 0; }
.brand { font-weight: 700; letter-spacing: 0.01em; color: var(--ink); }
main { padding-bottom: 4rem; }
main > section { padding: 2rem 0 0; min-width: 0; }
.patterns { position: absolute; width: 0; height: 0; }
main > .verdict { background: var(--card); border: 1px solid var(--line); border-left: 0.5rem solid var(--soft); border-radius: 0.6rem; padding: clamp(1rem, 2.4vw, 2rem); margin-top: 1rem; }
.verdict.pass { border-left-color: var(--pass); }
.verdict.fail { border-left-color: var(--fail); }
.verdict.unknown { border-left-color: var(--unknown); }
.stamp { display: flex; gap: 0.8rem; align-items: baseline; margin: 0; }
.stamp .mark { border-radius: 99rem; padding: 0.1rem 0.9rem 0.15rem; background: var(--code); }
.stamp .pass { background: var(--pass-tint); }
.stamp .fail { background: var(--fail-tint); }
.stamp .unknown { background: var(--unknown-tint); }
.class, .learns { color: var(--soft); }
.learns { max-width: 75ch; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 0.5rem; overflow: hidden; margin: 1.2rem 0; }
.tile { background: var(--card); padding: 0.75rem 1rem; }
.tile dt { color: var(--soft); font-size: 0.875rem; }
.tile dd { margin: 0; }
.tile strong { display: block; font-size: 1.45rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.01em; }
.tile strong .figure { font-weight: inherit; }
.tile span { color: var(--soft); font-size: 0.875rem; }
.tile strong span { color: inherit; font-size: inherit; }
.reasons { list-style: none; padding: 0; }
.reasons li { display: grid; grid-template-columns: 6.5rem 1fr; gap: 0.2rem 0.8rem; padding: 0.45rem 0; border-top: 1px solid var(--line); max-width: 100ch; }
.reasons li:first-child { border-top: 0; }
.facts { display: flex; flex-wrap: wrap; gap: 0.6rem 2.2rem; margin: 1rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); }
.facts dt { color: var(--soft); font-size: 0.8rem; }
.facts dd { margin: 0; }
.facts .figure { font-weight: inherit; }
.ended-early, .alarm { background: var(--fail-tint); border-radius: 0.4rem; padding: 0.7rem 1rem; margin: 0.8rem 0; }
.disclosures h2 { font-size: 1rem; color: var(--unknown); }
main > .disclosures { padding: 0.8rem clamp(1rem, 2.4vw, 2rem); margin-top: 1rem; background: var(--unknown-tint); border-radius: 0.6rem; }
.disclosures ul { margin: 0; max-width: 100ch; }`;

const TABLES = `
table { border-collapse: collapse; width: 100%; margin: 0.3rem 0 1rem; font-size: 0.94rem; }
th { text-align: left; font-size: 0.82rem; font-weight: 550; color: var(--soft); padding: 0.3rem 0.9rem 0.3rem 0; border-bottom: 1px solid var(--soft); vertical-align: bottom; overflow-wrap: normal; }
td { padding: 0.5rem 0.9rem 0.5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
th.number, td.number { text-align: right; white-space: nowrap; }
td p { margin: 0 0 0.2rem; }
td details > summary { padding: 0; }
@media (max-width: 46rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; width: 100%; }
  tr { border: 1px solid var(--line); background: var(--card); border-radius: 0.5rem; padding: 0.4rem 0.9rem; margin-bottom: 0.7rem; }
  td, td.number { display: grid; grid-template-columns: 7.4rem minmax(0, 1fr); gap: 0.6rem; text-align: left; padding: 0.25rem 0; border: 0; }
  td::before { content: attr(data-label); color: var(--soft); font-size: 0.86rem; }
  .reasons li { grid-template-columns: 1fr; }
}`;

const DRAWING = `
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1rem clamp(0.9rem, 2vw, 1.5rem) 0.8rem; }
svg text { fill: var(--ink); font-size: 13px; font-family: inherit; }
.timeline { display: block; overflow: visible; }
.up { fill: var(--up); }
.down { fill: var(--down); stroke: var(--down); stroke-width: 1px; }
.unsure { fill: url(#unsure); }
.unseen { fill: url(#unseen); stroke: var(--unseen); stroke-dasharray: 3 2; }
.impaired { fill: url(#impaired); }
.ink-down { fill: var(--down); }
.ink-soft { fill: var(--soft); }
.measured { fill: var(--soft); }
.unsure-measured { fill: url(#unsure-soft); }
.ink-fault { fill: var(--fault); opacity: 0.55; }
.ink-unseen { fill: var(--unseen); }
.band { fill: var(--band); }
.band-edge { stroke: var(--fault); stroke-width: 1.5px; }
.badge { fill: var(--fault); }
svg .badge-number { fill: var(--card); font-size: 12px; font-weight: 700; text-anchor: middle; }
svg .lane-name, svg .lane-figure { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
svg .lane-name { font-weight: 550; }
svg .lane-figure { fill: var(--soft); text-anchor: end; font-size: 12.5px; }
svg .lane-figure.hurt { fill: var(--fail); }
.axis { stroke: var(--line); }
.grid { stroke: var(--line); stroke-dasharray: 1 4; }
svg .mark-text { fill: var(--soft); font-size: 12px; }
.tick { stroke: var(--ink); stroke-width: 1.5px; }
.tick-range { fill: var(--unseen); opacity: 0.6; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; list-style: none; padding: 0.7rem 0 0; margin: 0; color: var(--soft); font-size: 0.86rem; }
.legend li { display: flex; align-items: center; gap: 0.5rem; }
.fault-key { list-style: none; padding: 0; margin: 0.9rem 0 0.4rem; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 0.4rem 2rem; }
.fault-key li { display: flex; gap: 0.6rem; align-items: baseline; }
.number[aria-hidden] { flex: none; min-width: 1.35rem; padding: 0 0.3rem; line-height: 1.35rem; border-radius: 99rem; text-align: center; background: var(--fault); color: var(--card); font-size: 0.75rem; font-weight: 700; }
.events { font-size: 0.9rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1rem; }
.recovery { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1rem 1.1rem; min-width: 0; }
.compared { margin: 0.4rem 0 0; }
.compared dt { color: var(--soft); font-size: 0.86rem; }
.compared dd { margin: 0 0 0.3rem; }
.phases { margin: 0.4rem 0; font-size: 0.94rem; }
.phases div { display: grid; grid-template-columns: 6.6rem minmax(0, 1fr); gap: 0.6rem; padding: 0.25rem 0; border-top: 1px solid var(--line); }
.phases dd { margin: 0; }
.compare { display: block; overflow: visible; }
@media (max-width: 46rem) {
  .roomy, .odd-mark text { display: none; }
  svg .lane-name, svg .lane-figure { font-size: 11.5px; }
}
.predicted { fill: none; stroke: var(--fault); stroke-width: 1.5px; rx: 2px; }
.scale { display: flex; justify-content: space-between; font-size: 0.8rem; }
.commands, .files { margin: 0; }
.commands dd { margin: 0 0 0.5rem; }
.commands dt { color: var(--soft); font-size: 0.9rem; }
.files { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 0.55rem 2.5rem; }
.files div { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); gap: 0.8rem; align-items: baseline; }
.files dd { margin: 0; color: var(--soft); font-size: 0.92rem; }`;

const WIDE_AND_PRINT = `
@media (min-width: 110rem) {
  body > header, main { max-width: 138rem; }
  main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); column-gap: 3.5rem; align-items: start; }
  main > .wide, main > .verdict, main > .disclosures { grid-column: 1 / -1; }
}
@media print {
  :root { --paper: #fff; --card: #fff; }
  body { font-size: 10pt; }
  body > header, main { max-width: none; padding: 0; }
  figure, .recovery, tr, .tile { break-inside: avoid; }
  h2, h3, h2 + p { break-after: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
@media (prefers-contrast: more) {
  :root { --soft: var(--ink); --line: var(--ink); }
}`;

/** The style of the page: system fonts, two palettes, and no reference to anything outside. */
export const PAGE_STYLE: string = [COLOURS, TEXT, LAYOUT, TABLES, DRAWING, WIDE_AND_PRINT].join('\n');
