export const LAYOUT = `
body > header, main { max-width: 82rem; margin: 0 auto; padding: 0 clamp(1rem, 3vw, 2.5rem); }
body > header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0.25rem 2rem; padding-top: 1.2rem; color: var(--soft); }
body > header p { margin: 0; }
.brand { font-weight: 700; color: var(--ink); }
main { padding-bottom: 5rem; }
main > section { padding: 3rem 0 0; min-width: 0; }
.patterns { position: absolute; width: 0; height: 0; }
main > .verdict { background: var(--card); border: 1px solid var(--line); border-left: 0.5rem solid var(--soft); border-radius: 0.6rem; padding: clamp(1.1rem, 2.6vw, 2.2rem); margin-top: 0.9rem; }
.verdict.pass { border-left-color: var(--pass); }
.verdict.fail { border-left-color: var(--fail); }
.verdict.unknown { border-left-color: var(--unknown); }
.stamp { display: block; font-size: clamp(2rem, 1.5rem + 2vw, 3rem); line-height: 1.1; letter-spacing: -0.025em; margin-bottom: 0.5rem; }
.stamp .mark { font-weight: 700; }
.class { color: var(--soft); font-size: 1.05rem; letter-spacing: 0; }
.headline { display: block; font-size: clamp(1.125rem, 1rem + 0.6vw, 1.4rem); line-height: 1.42; letter-spacing: -0.005em; max-width: 68ch; text-wrap: pretty; }
.learns { color: var(--soft); max-width: 75ch; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.5rem), 1fr)); margin: 1.5rem 0 1.2rem; gap: 1rem 2.2rem; }
.tile { border-top: 2px solid var(--ink); padding-top: 0.5rem; }
.tile dt { color: var(--soft); font-size: 0.9rem; }
.tile dd { margin: 0; }
.tile strong { display: block; font-size: 1.625rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.018em; }
.tile strong .figure { font-weight: inherit; }
.tile dd > span { color: var(--soft); font-size: 0.9rem; }
@media (max-width: 42rem) {
  .tiles { gap: 0; }
  .tile { display: grid; grid-template-columns: 5.9rem minmax(0, 1fr); gap: 0.7rem; border-top: 1px solid var(--line); padding: 0.5rem 0; align-items: baseline; }
  .tile strong { font-size: 1.25rem; text-wrap: balance; }
  .tile .figure { white-space: normal; }
}
.reasons { list-style: none; padding: 0; }
.reasons li { display: grid; grid-template-columns: 6.5rem 1fr; gap: 0.2rem 0.8rem; padding: 0.5rem 0; border-top: 1px solid var(--line); max-width: 104ch; }
.reasons li:first-child { border-top: 0; }
.facts { display: flex; flex-wrap: wrap; gap: 0.6rem 2.4rem; margin: 1.1rem 0 0; padding-top: 1.1rem; border-top: 1px solid var(--line); }
.facts dt { color: var(--soft); font-size: 0.85rem; }
.facts dd { margin: 0; }
.facts .figure { font-weight: inherit; }
.ended-early, .alarm { background: var(--fail-tint); border-radius: 0.4rem; padding: 0.7rem 1rem; margin: 0.8rem 0; }
.disclosures h2 { font-size: 1rem; color: var(--unknown); }
main > .disclosures { padding: 0.9rem clamp(1.1rem, 2.6vw, 2.2rem); margin-top: 1rem; background: var(--unknown-tint); border-radius: 0.6rem; }
.disclosures ul { margin: 0; max-width: 104ch; font-size: 0.95rem; }
nav { padding-top: 1.4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.1rem 1.5rem; list-style: none; margin: 0; padding: 0; font-size: 0.95rem; }
nav a { display: inline-block; padding: 0.3rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
.commands, .files { margin: 0; }
.commands dd { margin: 0 0 0.6rem; }
.commands dt { color: var(--soft); font-size: 0.93rem; }
.files { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 0.55rem 2.5rem; margin-bottom: 0.8rem; }
.files div { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); gap: 0.8rem; align-items: baseline; }
.files dd { margin: 0; color: var(--soft); font-size: 0.93rem; }
.details { columns: 30rem auto; column-gap: 2.5rem; }
.details > details { break-inside: avoid; }
.felt, .because, .names, .moves, .windows, .against { margin: 0.2rem 0 0.5rem; font-size: 0.94rem; }
@media not all and (max-width: 42rem) { .windows { white-space: nowrap; } }
.windows, .moves { list-style: none; padding: 0; margin: 0; }
.phases { margin: 0.4rem 0; font-size: 0.94rem; }
.phases div { display: grid; grid-template-columns: 6.6rem minmax(0, 1fr); gap: 0.6rem; padding: 0.25rem 0; border-top: 1px solid var(--line); }
.phases dd { margin: 0; }`;
