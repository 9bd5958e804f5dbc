import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { chromium, type Browser, type Page } from 'playwright-core';
import { writeReports, type ReportInput } from '../../src/report/index.ts';
import { folderInMemory } from './folder-in-memory.ts';
import { realisticInput } from './fixture.ts';
import { HOSTILE_NAMES, hostileInput } from './hostile-input.ts';

const CHROMIUM = process.env.SQUALL_CHROMIUM ?? '/usr/bin/chromium';
const WIDTHS = [360, 1280, 2560];

interface Looked {
  readonly page: Page;
  /** Console errors, script errors and blocked loads. */
  readonly errors: readonly string[];
  /** Addresses asked for, apart from the page itself. */
  readonly requests: readonly string[];
}

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
    await writeReports(reports.folder, input, {});
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

  for (const name of HOSTILE_NAMES) {
    it(`stays whole with ${JSON.stringify(name.slice(0, 30))} everywhere`, async () => {
      const { page, errors, requests } = await look(hostileInput(name), 360, 'light');
      await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      const foreign = await page.evaluate(
        'document.querySelectorAll("script, img, iframe, body style").length',
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

  it('is whole with JavaScript off, with one h1, landmarks, and headers in every table', async () => {
    const { page } = await look(realisticInput(), 1280, 'light', false);
    expect(await page.locator('h1').count()).to.equal(1);
    expect(await page.getByRole('main').count()).to.equal(1);
    expect(await page.getByRole('banner').count()).to.equal(1);
    expect(await page.getByRole('region').count()).to.be.greaterThan(8);
    const tables = await page.getByRole('table').all();
    expect(tables.length).to.be.greaterThan(4);
    for (const table of tables) expect(await table.getByRole('columnheader').count()).to.be.greaterThan(2);
    expect(await page.getByRole('img', { name: /3 faults over 6 probes/ }).count()).to.equal(1);
    await page.close();
  });

  it('tells CI servers well-formed XML, whatever the names are', async () => {
    const page = await browser.newPage();
    for (const input of [realisticInput(), ...HOSTILE_NAMES.map(hostileInput)]) {
      const { folder: reports, files } = folderInMemory();
      await writeReports(reports, input);
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
