import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { analyse } from '../../src/analysis/index.ts';
import { reportHtml } from '../../src/report/reporters/report-html.tsx';
import { writeReports } from '../../src/report/index.ts';
import { judge } from '../../src/verdict/index.ts';
import { folderInMemory } from '../../test/report/folder-in-memory.ts';
import { bigRun } from './big-run.ts';

/** The page of a large run: small, made fast and in little memory, soon there, and smooth to move through. */
const TARGET = { megabytes: 3, makeSeconds: 5, makeMebibytes: 300, readySeconds: 2, frameMs: 50 };

/** Frames that are timed while the timeline is zoomed and moved. */
const FRAMES = 60;

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '100000' },
    probes: { type: 'string', default: '20' },
    faults: { type: 'string', default: '30' },
    browser: { type: 'string', default: process.env.SQUALL_CHROMIUM ?? '/usr/bin/chromium' },
  },
});

const seconds = (fromNs: bigint): number => Number(process.hrtime.bigint() - fromNs) / 1e9;

interface Made {
  readonly html: string;
  readonly makeSeconds: number;
  readonly makeMebibytes: number;
}

/** Through the door that a run uses, so that cleaning the input counts. The memory is the peak of the process, the run that it holds included. */
async function make(): Promise<Made> {
  const evidence = bigRun({
    samples: Number(values.samples),
    probes: Number(values.probes),
    faults: Number(values.faults),
  });
  const analysis = analyse(evidence);
  const input = { evidence, analysis, verdict: judge(evidence, analysis) };
  const { folder, files } = folderInMemory();
  const begun = process.hrtime.bigint();
  await writeReports(folder, input, { reporters: [reportHtml] });
  const html = files.get('report.html') ?? '';
  return { html, makeSeconds: seconds(begun), makeMebibytes: process.resourceUsage().maxRSS / 1024 };
}

/** How long until the script has made the timeline operable, and how long a frame takes while it is looked into. */
async function open(html: string): Promise<{ readySeconds: number; frameMs: number; worstFrameMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-bench-page-'));
  const file = join(folder, 'report.html');
  writeFileSync(file, html);
  const browser = await chromium.launch({
    executablePath: values.browser,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto('about:blank');
    const begun = process.hrtime.bigint();
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
    await page.waitForSelector('.controls:not([hidden])', { state: 'attached' });
    const readySeconds = seconds(begun);
    const frames = await page.evaluate<readonly number[]>(`new Promise((done) => {
      const board = document.querySelector('.board');
      const keys = ['+', '+', 'ArrowRight', 'ArrowRight', '+', 'ArrowLeft', '-', 'ArrowRight', '-', '-'];
      const took = [];
      let last;
      const frame = (now) => {
        if (last !== undefined) took.push(now - last);
        last = now;
        if (took.length >= ${FRAMES}) return done(took);
        board.dispatchEvent(new KeyboardEvent('keydown', { key: keys[took.length % keys.length], bubbles: true }));
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    })`);
    const sorted = [...frames].sort((a, b) => a - b);
    return {
      readySeconds,
      frameMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
      worstFrameMs: sorted.at(-1) ?? 0,
    };
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const { html, makeSeconds, makeMebibytes } = await make();
const opened = await open(html);
const megabytes = Buffer.byteLength(html) / 1e6;
const rows: readonly (readonly [what: string, found: number, unit: string, limit?: number])[] = [
  ['size of the page', megabytes, 'MB', TARGET.megabytes],
  ['made in', makeSeconds, 's', TARGET.makeSeconds],
  ['memory of the process that makes it', makeMebibytes, 'MiB', TARGET.makeMebibytes],
  ['operable after', opened.readySeconds, 's', TARGET.readySeconds],
  ['a frame while zooming (median)', opened.frameMs, 'ms', TARGET.frameMs],
  ['a frame while zooming (worst)', opened.worstFrameMs, 'ms'],
];
process.stdout.write(`${values.samples} samples, ${values.probes} probes, ${values.faults} faults\n\n`);
process.stdout.write('| what | found | at most |\n| --- | ---: | ---: |\n');
for (const [what, found, unit, limit] of rows)
  process.stdout.write(
    `| ${what} | ${found.toFixed(2)} ${unit} | ${limit === undefined ? '' : `${limit} ${unit}`} |\n`,
  );
const met = rows.every(([, found, , limit]) => limit === undefined || found <= limit);
process.stdout.write(
  `${JSON.stringify({ bench: 'page', met, megabytes, makeSeconds, makeMebibytes, ...opened })}\n`,
);
process.exitCode = met ? 0 : 1;
