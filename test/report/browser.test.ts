import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { chromium, type Browser, type Page } from 'playwright-core';
import { reporters, writeReports, type ReportInput } from '../../src/report/index.ts';
import { folderInMemory } from './folder-in-memory.ts';
import { realisticInput } from './fixture.ts';
import { HOSTILE_NAMES, hostileInput } from './hostile-input.ts';

const CHROMIUM = process.env.SQUALL_CHROMIUM ?? '/usr/bin/chromium';
const WIDTHS = [360, 1280, 2560];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe calls serious or critical keeps somebody out; the rest is advice. */
const SERIOUS = ['serious', 'critical'];

interface Looked {
  readonly page: Page;
  /** Console errors, script errors and blocked loads. */
  readonly errors: readonly string[];
  /** Addresses asked for, apart from the page itself. */
  readonly requests: readonly string[];
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
  readonly passes: readonly unknown[];
}

interface Places {
  readonly far: number;
  readonly shown: number;
  readonly timesWider: number;
}

/** How far, in pixels, any outage is drawn from where the stretch that is shown puts it, and how many are in sight. */
const PLACES = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const board = document.querySelector('.board');
  const { left, width } = document.querySelector('.behind').getBoundingClientRect();
  const said = document.querySelector('.shown').textContent;
  const all = [Number(board.dataset.from), Number(board.dataset.to)];
  const [from, to] = said === '' ? all : (said.match(/[\\d.]+/g) ?? []).map((one) => Number(one) * 1000);
  const found = [...document.querySelectorAll('.lane .down')].flatMap((shape) => {
    const [start, end] = [Number(shape.dataset.f), Number(shape.dataset.t)];
    if (end < from || start > to || shape.classList.contains('gone')) return [];
    const box = shape.getBoundingClientRect();
    const x = left + ((Math.max(start, from) - from) / (to - from)) * width;
    return [start < from ? 0 : Math.abs(box.left - x)];
  });
  done({ far: Math.max(0, ...found), shown: found.length, timesWider: (all[1] - all[0]) / (to - from) });
})))`;

describe('the page in a real browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let folder: string;

  before(async () => {
    if (!existsSync(CHROMIUM)) {
      throw new Error(
        `There is no browser at ${CHROMIUM}. Install Debian's chromium (apt-get install chromium), or set SQUALL_CHROMIUM to the path of one.`,
      );
    }
    folder = await mkdtemp(join(tmpdir(), 'squall-page-'));
    const quiet = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
    ];
    browser = await chromium.launch({ executablePath: CHROMIUM, args: quiet });
  });

  after(async () => {
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function look(
    input: ReportInput,
    width: number,
    scheme: 'light' | 'dark',
    script = true,
  ): Promise<Looked> {
    const reports = folderInMemory();
    await writeReports(reports.folder, input, {
      reporters: reporters.filter(({ file }) => file === 'report.html'),
    });
    const file = join(folder, 'report.html');
    await writeFile(file, reports.files.get('report.html') ?? '');
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      javaScriptEnabled: script,
    });
    const errors: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('requestfailed', (request) => errors.push(`failed: ${request.url()}`));
    const address = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:')) requests.push(request.url());
    });
    await page.goto(address, { waitUntil: 'load' });
    return { page, errors, requests };
  }

  for (const width of WIDTHS) {
    for (const scheme of ['light', 'dark'] as const) {
      it(`fits ${width} px, ${scheme}, without an error or a request`, async () => {
        const { page, errors, requests } = await look(realisticInput(), width, scheme);
        const wide = await page.evaluate('document.documentElement.scrollWidth');
        const styled = await page.evaluate(
          'getComputedStyle(document.querySelector(".verdict")).borderLeftWidth',
        );
        await page.close();
        expect(wide).to.equal(width);
        // Without its style the page would look whole to every other check: the policy must let it in.
        expect(styled).to.equal('8px');
        expect(errors).to.deep.equal([]);
        expect(requests).to.deep.equal([]);
      });
    }
  }

  it('keeps long figures inside their tiles at 360 px', async () => {
    const { evidence, analysis, verdict } = realisticInput();
    const probes = analysis.probes.map((probe) => ({
      ...probe,
      availability: { min: 0.999981, max: 0.999999, unit: 'ratio' as const },
      longestOutage: { min: 3_725_000, max: 4_385_000, unit: 'ms' as const },
    }));
    const { page } = await look({ evidence, analysis: { ...analysis, probes }, verdict }, 360, 'light');
    const figures = await page.locator('.tile .figure').allTextContents();
    const outside = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('.tile .figure')]
        .filter((one) => one.getBoundingClientRect().right > one.closest('.tile').getBoundingClientRect().right)
        .map((one) => one.textContent)`,
    );
    await page.close();
    expect(figures).to.include.members(['62 min 5 s – 73 min 5 s', '99.9981 – 99.9999 %']);
    expect(outside).to.deep.equal([]);
  });

  for (const name of HOSTILE_NAMES) {
    it(`stays whole with ${JSON.stringify(name.slice(0, 30))} everywhere`, async () => {
      const { page, errors, requests } = await look(hostileInput(name), 360, 'light');
      await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      const foreign = await page.evaluate(
        'document.querySelectorAll("script:not(#data):not(#data + script), img, iframe, body style").length',
      );
      await page.close();
      expect({ wide, foreign, errors, requests }).to.deep.equal({
        wide: 360,
        foreign: 0,
        errors: [],
        requests: [],
      });
    });
  }

  for (const [width, scheme] of [
    [1280, 'light'],
    [360, 'dark'],
  ] as const) {
    it(`keeps nobody out, says axe, at ${width} px, ${scheme}`, async () => {
      const { page } = await look(realisticInput(), width, scheme);
      await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
      await page.locator('.reach').click();
      await page.locator('data').first().click();
      await page.evaluate(AXE);
      const { violations, passes } = await page.evaluate<AxeResult>(
        'axe.run(document, { resultTypes: ["violations", "incomplete"] })',
      );
      await page.close();
      const serious = violations
        .filter(({ impact }) => SERIOUS.includes(impact))
        .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html ?? ''}`);
      expect(passes.length).to.be.greaterThan(20);
      expect(serious.join('\n')).to.equal('');
    });
  }

  it('can be looked into by mouse and by keyboard, without an error or a request', async () => {
    const { page, errors, requests } = await look(realisticInput(), 1280, 'light');
    const shown = page.locator('.shown');
    const marks = (): Promise<string[]> => page.locator('.marks text').allTextContents();
    const whole = await marks();
    await page.getByRole('button', { name: 'Zoom the timeline to fault 2' }).click();
    await shown.filter({ hasText: ' s to ' }).waitFor({ state: 'attached' });
    expect(await shown.textContent()).to.match(/^1\d\.\d+ s to 2\d\.\d+ s$/);
    expect(await marks()).not.to.deep.equal(whole);
    const box = await page.locator('.behind').boundingBox();
    if (box === null) throw new Error('The timeline has no size.');
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    expect(await page.locator('.readout').innerText()).to.match(/fault 2, node-power-off/);
    expect(await page.locator('.readout').innerText()).to.match(/sample \d+, planned 2\d\.\d+ s: ok after/);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 3 });
    const zoomed = (await shown.textContent()) ?? '';
    await page.mouse.up();
    await shown.filter({ hasNotText: zoomed }).waitFor({ state: 'attached' });
    const before = await shown.textContent();
    await page.locator('.board').press('ArrowLeft');
    await shown.filter({ hasNotText: before ?? '' }).waitFor({ state: 'attached' });
    await page.locator('.board').press('0');
    await page.locator('.shown:empty').waitFor({ state: 'attached' });
    expect(await marks()).to.deep.equal(whole);
    await page.close();
    expect({ errors, requests }).to.deep.equal({ errors: [], requests: [] });
  });

  it('draws every outage where it was, however far it is zoomed in', async () => {
    const { page } = await look(realisticInput(), 1280, 'light');
    await page.locator('.timeline').scrollIntoViewIfNeeded();
    const first = await page.locator('.lane .down').first().boundingBox();
    if (first === null) throw new Error('The fixture has an outage.');
    await page.mouse.move(first.x + 1, first.y + 3);
    await page.keyboard.down('Control');
    const seen: number[] = [];
    const wider: number[] = [];
    // Whole, eight times as large, which stretches the rows, fifty times, which places each shape, and whole again.
    for (const turn of [0, -1300, -1150, 3000]) {
      if (turn !== 0) await page.mouse.wheel(0, turn);
      const { far, shown, timesWider } = await page.evaluate<Places>(PLACES);
      expect(far, `after ${turn}`).to.be.below(3);
      seen.push(shown);
      wider.push(Math.round(timesWider));
    }
    expect(wider).to.deep.equal([1, 8, 50, 1]);
    expect(Math.min(...seen)).to.be.greaterThan(0);
    expect(seen.at(-1)).to.equal(seen[0]);
    await page.close();
  });

  it('says of a number where it comes from, and gives the focus back', async () => {
    const { page } = await look(realisticInput(), 1280, 'light');
    await page.getByRole('button', { name: 'Reach numbers with Tab' }).click();
    const figure = page.locator('data[data-at="/probes/0/longestOutage"]').first();
    await figure.focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog');
    expect(await panel.innerText())
      .to.include('/probes/0/longestOutage')
      .and.to.include('samples/host*/keystone-token-*');
    await page.keyboard.press('Escape');
    expect(await panel.count()).to.equal(0);
    expect(await page.evaluate('document.activeElement.dataset.at')).to.equal('/probes/0/longestOutage');
    await page.close();
  });

  it('is whole with JavaScript off, with one h1, landmarks, and headers in every table', async () => {
    const { page } = await look(realisticInput(), 1280, 'light', false);
    expect(await page.locator('h1').count()).to.equal(1);
    expect(await page.getByRole('main').count()).to.equal(1);
    expect(await page.getByRole('banner').count()).to.equal(1);
    expect(await page.getByRole('region').count()).to.be.greaterThan(8);
    const tables = await page.getByRole('table').all();
    expect(tables.length).to.be.greaterThan(4);
    for (const table of tables) expect(await table.getByRole('columnheader').count()).to.be.greaterThan(2);
    expect(await page.getByRole('figure', { name: /3 faults over 6 probes/ }).count()).to.equal(1);
    // Without a script there is nothing to operate, and the drawing is whole.
    expect(await page.locator('.controls').isVisible()).to.equal(false);
    expect(await page.locator('.envelope').count()).to.equal(6);
    await page.close();
  });

  it('tells CI servers well-formed XML, whatever the names are', async () => {
    const page = await browser.newPage();
    for (const input of [realisticInput(), ...HOSTILE_NAMES.map(hostileInput)]) {
      const { folder: reports, files } = folderInMemory();
      await writeReports(reports, input, { reporters: reporters.filter(({ file }) => file === 'junit.xml') });
      const parsed = await page.evaluate(
        (xml) => {
          const scope = globalThis as unknown as {
            DOMParser: new () => { parseFromString(text: string, type: string): XmlDocument };
          };
          interface XmlNode {
            getAttribute(name: string): string | null;
          }
          interface XmlDocument {
            querySelectorAll(selector: string): Iterable<XmlNode>;
          }
          const document = new scope.DOMParser().parseFromString(xml, 'application/xml');
          const cases = [...document.querySelectorAll('testcase')];
          return {
            errors: [...document.querySelectorAll('parsererror')].length,
            cases: cases.length,
            names: new Set(cases.map((one) => `${one.getAttribute('classname')} ${one.getAttribute('name')}`))
              .size,
          };
        },
        files.get('junit.xml') ?? '',
      );
      expect(parsed).to.deep.equal({ errors: 0, cases: parsed.cases, names: parsed.cases });
      expect(parsed.cases).to.be.greaterThan(100);
    }
    await page.close();
  });
});
