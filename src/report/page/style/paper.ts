/** Very wide screens, and paper. */
export const PAPER = `
@media (min-width: 110rem) {
  body > header, main { max-width: 140rem; }
  main { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); column-gap: 4rem; align-items: start; }
  main > .wide, main > .verdict, main > .disclosures, main > nav { grid-column: 1 / -1; }
}
@page { margin: 13mm 12mm; }
@media print {
  :root { --paper: #fff; --card: #fff; }
  html { font-size: 74%; }
  body > header, main { max-width: none; padding: 0; }
  main > section { padding-top: 2rem; }
  nav, .controls, .hint, .skip, .trace, .strip, .cursor, .readout { display: none; }
  .drawn .envelope { display: block; }
  figure, tr, .tile, li, .lead { break-inside: avoid; }
  h2, h3, .lead, summary { break-after: avoid; }
  .board { --name: 11.5rem; --value: 8.4rem; }
  .row-name, .row-name strong { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
  .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .timeline svg text { font-size: 9.5px; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}`;
