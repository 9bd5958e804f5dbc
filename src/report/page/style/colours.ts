/**
 * Two palettes. Up and pass are on the blue side of green, down and fail on the orange side of red (as Okabe and Ito advise), and
 * differ in lightness as well; shapes, signs and words say the same without them.
 */
export const COLOURS = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --card: #ffffff; --ink: #1a1e23; --soft: #565e69; --line: #e3dfd7; --code: #f2efe9; --hover: #f6f4ef;
  --pass: #07665a; --pass-tint: #dff1ec; --fail: #a8330a; --fail-tint: #fbe8df; --unknown: #7d5200; --unknown-tint: #fbf0d6;
  --up: #3f8ea0; --down: #cf4a12; --unseen: #868d97; --fault: #5848b0; --band: #5848b01c; --link: #27509f; --envelope: #3f8ea059;
  --phase: #d9dfe4; --phase-odd: #c3ccd4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #13161a; --card: #1a1e24; --ink: #e9e7e2; --soft: #a4acb7; --line: #2f353e; --code: #252b33; --hover: #20252c;
    --pass: #73d3bb; --pass-tint: #14312d; --fail: #ff9f78; --fail-tint: #3d2218; --unknown: #efc268; --unknown-tint: #372f1a;
    --up: #5fb3c6; --down: #ff7d45; --unseen: #7e8894; --fault: #ab9dff; --band: #ab9dff26; --link: #9dbeff; --envelope: #5fb3c659;
    --phase: #39424d; --phase-odd: #4b5663;
  }
}
@media (prefers-contrast: more) {
  :root { --soft: var(--ink); --line: var(--ink); }
}`;
