export const TABLES = `
table { border-collapse: collapse; width: 100%; margin: 0.3rem 0 1.3rem; font-size: 0.945rem; }
th { text-align: left; font-size: 0.845rem; font-weight: 500; color: var(--soft); padding: 0.3rem 1.1rem 0.35rem 0; border-bottom: 1px solid var(--soft); vertical-align: bottom; overflow-wrap: normal; }
td { padding: 0.6rem 1.1rem 0.6rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
th:first-child, td:first-child { min-width: 7rem; }
th.number, td.number { text-align: right; white-space: nowrap; }
td:not(.number) { min-width: 5.2rem; }
td p { margin: 0 0 0.2rem; }
td details > summary { padding: 0; }
tfoot td { border: 0; padding-top: 0.25rem; }
.domain { display: flex; justify-content: space-between; color: var(--soft); font-size: 0.8rem; }
.compared { min-width: 7.5rem; }
.interval-chart, .outcomes, .track { display: block; overflow: visible; margin: 0.3rem 0; }
.outcomes { min-width: 7rem; margin: 0.4rem 0; }
.chart-line { fill: var(--line); }
.predicted { fill: var(--band); stroke: var(--fault); stroke-width: 1px; rx: 2px; }
.predicted.open { stroke-dasharray: 3 2; }
.measured { fill: var(--ink); }
.measured.hurts { fill: var(--down); }
.history-chart { display: block; max-width: 100%; overflow: visible; }
.history-range { fill: var(--band); }
.history-earlier { fill: var(--up); }
.history-now { fill: var(--ink); }
.history-now.more { fill: var(--down); }
.history-chart .stem { opacity: 0.3; }
.history-chart .open :not(.stem) { stroke: currentColor; stroke-dasharray: 2 2; fill: none; }
.worse { color: var(--fail); }
.outcome-passed { fill: var(--up); }
.outcome-failed { fill: var(--down); }
.outcome-unknown { fill: url(#unseen); stroke: var(--unseen); }
.outcome-skipped { fill: var(--line); }
@media screen and (max-width: 42rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tfoot { display: none; }
  table, tbody, tr, td { display: block; width: 100%; }
  tr { border-top: 1px solid var(--soft); padding: 0.6rem 0; }
  td, td.number { min-width: 0; display: grid; grid-template-columns: 7.4rem minmax(0, 1fr); gap: 0.7rem; text-align: left; padding: 0.25rem 0; border: 0; }
  td::before { content: attr(data-label); color: var(--soft); font-size: 0.88rem; }
  .reasons li { grid-template-columns: 1fr; }
  td .mark { white-space: normal; }
}
@media screen and (min-width: 42.01rem) and (max-width: 64rem) {
  table.many thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table.many, table.many tbody { display: block; }
  table.many tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); border-top: 1px solid var(--soft); padding: 0.4rem 0; }
  table.many td, table.many td.number { text-align: left; border: 0; padding: 0.2rem 0.6rem 0.2rem 0; }
  table.many td:first-child { grid-column: 1 / -1; }
  table.many td::before { content: attr(data-label); color: var(--soft); font-size: 0.85rem; }
}`;
