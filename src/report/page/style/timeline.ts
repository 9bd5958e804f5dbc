export const TIMELINE = `
.timeline { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1.1rem clamp(0.9rem, 2vw, 1.6rem) 0.9rem; }
.board { --name: 12rem; --value: 8.8rem; position: relative; }
.row { position: relative; display: grid; grid-template-columns: var(--name) minmax(0, 1fr) var(--value); column-gap: 1.2rem; align-items: center; pointer-events: none; }
.row > * { min-width: 0; }
.row-name { line-height: 1.25; }
.row-name strong { font-weight: 600; font-size: 0.95rem; display: block; pointer-events: auto; }
.row-name .quiet, .row-value { font-size: 0.845rem; }
.row-value { text-align: right; line-height: 1.3; }
.row-value > * { display: block; pointer-events: auto; }
.row-value .hurt { color: var(--fail); }
.row + .lane, .badges + .lane { border-top: 1px solid var(--line); }
.lane + .way-back, .lane + .watched, .way-back + .watched { border-top: 1px solid var(--line); }
.lane { padding: 3px 0; }
.watched { padding: 1px 0; }
.way-back { padding: 5px 0; }
.lane + .watched, .way-back + .watched { padding-top: 6px; }
.axis { padding-top: 4px; }
.row-plot { position: relative; }
.plot { display: block; overflow: visible; }
.plot * { pointer-events: auto; }
.behind { position: absolute; inset: 0 calc(var(--value) + 1.2rem) 0 calc(var(--name) + 1.2rem); }
.bands { display: block; position: absolute; inset: 0; }
.timeline svg text { font-family: inherit; fill: var(--ink); }
.up { fill: var(--up); }
.down { fill: var(--down); stroke: var(--down); stroke-width: 1px; }
.clear { fill: var(--paper); }
.unsure { fill: url(#unsure); }
.unseen { fill: url(#unseen); stroke: var(--unseen); stroke-dasharray: 3 2; }
.impaired { fill: url(#impaired); }
.envelope path, .envelope-key { fill: var(--up); opacity: 0.55; }
.strip { position: absolute; left: 0; top: 25px; width: 100%; height: 22px; pointer-events: none; }
.drawn .envelope { display: none; }
.ink-down { fill: var(--down); }
.ink-soft { fill: var(--soft); }
.ink-fault { fill: var(--fault); opacity: 0.55; }
.ink-unseen { fill: var(--unseen); }
.band { fill: var(--band); }
.band-unsure { fill: url(#unsure-fault); }
.band-edge { fill: var(--fault); }
.badge circle { fill: var(--fault); }
.timeline svg .badge text { fill: var(--card); font-size: 11.5px; font-weight: 700; text-anchor: middle; }
.timeline svg .hidden, .timeline svg .gone { display: none; }
.grid-line { fill: var(--line); opacity: 0.8; }
.marks text, .phase-name { font-size: 12px; }
.timeline svg .marks text { fill: var(--soft); }
.phase { fill: var(--phase); }
.phase.odd { fill: var(--phase-odd); }
.phase-unsure { fill: url(#unsure-soft); }
.phase-name { pointer-events: none; }
.change path { fill: var(--ink); }
.change.moved path { fill: var(--fault); }
.change.went path { fill: var(--down); }
.change.back path { fill: var(--up); }
.change-range { fill: var(--unseen); opacity: 0.6; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; list-style: none; padding: 0.9rem 0 0; margin: 0; color: var(--soft); font-size: 0.86rem; }
.legend li { display: flex; align-items: center; gap: 0.5rem; }
.fault-key { list-style: none; padding: 0; margin: 1.1rem 0 0.4rem; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 0.5rem 2rem; font-size: 0.95rem; }
.fault-key li { display: flex; gap: 0.6rem; align-items: baseline; }
.number[aria-hidden], .zoom-to { flex: none; min-width: 1.4rem; padding: 0 0.3rem; line-height: 1.4rem; border: 0; border-radius: 99rem; text-align: center; background: var(--fault); color: var(--card); font: inherit; line-height: 1.4rem; font-size: 0.78rem; font-weight: 700; }
.zoom-to { cursor: zoom-in; }
.events { font-size: 0.9rem; }
@media (max-width: 42rem) {
  .row { grid-template-columns: 1fr auto; column-gap: 0.6rem; }
  .row-plot { grid-column: 1 / -1; grid-row: 2; }
  .row-name .quiet { display: none; }
  .watched .row-name .quiet { display: inline; }
  .lane .row-name, .lane .row-value { padding-top: 0.35rem; }
  .badges .row-name { display: none; }
  .behind { inset: 0; }
  .odd-mark, .crowded { display: none; }
}`;
