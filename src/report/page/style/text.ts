export const TEXT = `
* { box-sizing: border-box; }
html { background: var(--paper); -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.855em; }
code { background: var(--code); border-radius: 0.25rem; padding: 0.1em 0.35em; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
pre { background: var(--code); border-radius: 0.4rem; padding: 0.7rem 0.9rem; margin: 0.3rem 0; white-space: pre-wrap; }
h1, h2, h3 { line-height: 1.25; letter-spacing: -0.011em; text-wrap: balance; }
h1 { margin: 0 0 0.7rem; font-weight: 500; }
h2 { font-size: 1.375rem; font-weight: 640; margin: 0 0 0.3rem; }
h3 { font-size: 1rem; font-weight: 640; margin: 1.2rem 0 0.3rem; }
p { margin: 0 0 0.5rem; }
ul, ol { margin: 0.4rem 0; padding-left: 1.2rem; }
a { color: var(--link); }
.lead { color: var(--soft); max-width: 86ch; text-wrap: pretty; margin-bottom: 1.1rem; }
.quiet { color: var(--soft); font-weight: 400; }
.block { display: block; }
.figure { font-weight: 600; }
.figure, .moment { white-space: nowrap; }
.quiet .figure { font-weight: 450; }
summary { cursor: pointer; color: var(--link); padding: 0.3rem 0; width: fit-content; }
:is(summary, a, button, [tabindex]):focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 0.2rem; }
main:focus { outline: none; }
details > *:not(summary) { margin-left: 0.2rem; }
.mark { font-weight: 640; white-space: nowrap; color: var(--soft); }
.mark.pass { color: var(--pass); }
.mark.fail { color: var(--fail); }
.mark.unknown { color: var(--unknown); }
.unseen-text { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.4rem; background: var(--card); padding: 0.3rem 0.8rem; z-index: 3; }`;
