import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Secret } from '../../src/model/secret.ts';
import {
  reporters,
  terminalSummary,
  writeReports,
  type FolderReporter,
  type Reporter,
  type ReportInput,
} from '../../src/report/index.ts';
import { folderInMemory } from './folder-in-memory.ts';
import { realisticInput } from './fixture.ts';
import { HOSTILE_NAMES, hostileInput } from './hostile-input.ts';

const ALL = ['report.json', 'junit.xml', 'summary.md', 'metrics.txt', 'allure-results', 'report.html'];

/** The names of what was written, a folder of results as one. */
const written = (files: ReadonlyMap<string, string>): readonly string[] => [
  ...new Set([...files.keys()].map((name) => name.replace(/\/.*/, ''))),
];
/** Holds nothing of the run, or of one fault only. */
const FIXED = /categories\.json$|-result\.json$|metrics\.txt$/;
const OTHER_CONTROLS = /(?![\t\n])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** One secret for each way in which it may be recognised. */
const CANARIES = {
  known: 'canary-password-81',
  bearer: 'canarybearer8123456789',
  fernet: 'gAAAAABcanary8123456789012345',
  jwt: 'eyJcanary8123.eyJjYW5hcnk4.c2lnbmF0dXJl',
  url: 'canary-in-url-81',
  field: 'canary-field-81',
  parameter: 'canary-parameter-81',
};

function inputWithSecrets(): ReportInput {
  const input = realisticInput();
  const says = `Login with ${CANARIES.known} failed: Authorization: Bearer ${CANARIES.bearer}, X-Auth-Token: ${CANARIES.fernet}, ${CANARIES.jwt}, https://admin:${CANARIES.url}@127.0.0.1/v3, {"password": "${CANARIES.field}"}`;
  return {
    ...hostileInput(says),
    evidence: {
      ...hostileInput(says).evidence,
      plan: { ...input.evidence.plan, parameters: { admin_password: CANARIES.parameter, note: says } },
    },
  };
}

describe('writing reports', () => {
  it('writes every report of the list', async () => {
    const { folder, files } = folderInMemory();
    expect(await writeReports(folder, realisticInput())).to.deep.equal({ files: ALL, troubles: [] });
    expect(written(files)).to.deep.equal(ALL);
    // This run has no tests of an engine to set beside our own.
    const told = reporters.map((reporter) => reporter.file).filter((file) => file !== 'agreement.md');
    expect(told).to.deep.equal(ALL);
  });

  it('gives the same bytes for the same run', async () => {
    const [first, second] = [folderInMemory(), folderInMemory()];
    await writeReports(first.folder, realisticInput());
    await writeReports(second.folder, realisticInput());
    expect([...first.files]).to.deep.equal([...second.files]);
    expect(first.files.size).to.be.above(ALL.length);
  });

  const broken: readonly { readonly title: string; readonly render: Reporter['render'] }[] = [
    {
      title: 'throws',
      render: () => {
        throw new Error('a bug');
      },
    },
    { title: 'rejects', render: () => Promise.reject(new Error('a bug')) },
  ];
  for (const { title, render } of broken) {
    it(`writes the other reports when one ${title}, and says so`, async () => {
      const { folder, files } = folderInMemory();
      const list: (Reporter | FolderReporter)[] = [
        { name: 'broken', file: 'broken.txt', render },
        ...reporters,
      ];
      const result = await writeReports(folder, realisticInput(), { reporters: list });
      expect(result.files).to.deep.equal(ALL);
      expect(result.troubles).to.deep.equal([
        'The report broken.txt was not written, because reporter "broken" failed: a bug',
      ]);
      expect(files.has('broken.txt')).to.equal(false);
    });
  }

  it('writes the other reports when one file cannot be written', async () => {
    const { folder } = folderInMemory(['junit.xml']);
    const result = await writeReports(folder, realisticInput());
    expect(result.files).to.deep.equal(ALL.filter((file) => file !== 'junit.xml'));
    expect(result.troubles).to.have.length(1);
    expect(result.troubles[0]).to.include('junit.xml').and.to.include('The disk is full.');
  });

  it('lets no canary secret into any output', async () => {
    const { folder, files } = folderInMemory();
    const input = inputWithSecrets();
    const leaky: Reporter = { name: 'leaky', file: 'leaky.txt', render: () => `it knew ${CANARIES.known}` };
    await writeReports(folder, input, {
      secrets: [new Secret(CANARIES.known)],
      reporters: [...reporters, leaky],
    });
    expect(written(files)).to.deep.equal([...ALL, 'leaky.txt']);
    for (const [name, content] of files) {
      for (const [kind, canary] of Object.entries(CANARIES)) {
        expect(content.includes(canary), `${name} holds the canary "${kind}"`).to.equal(false);
      }
      if (!FIXED.test(name)) expect(content, name).to.include('***');
    }
  });

  for (const name of HOSTILE_NAMES) {
    it(`keeps ${JSON.stringify(name.slice(0, 30))} harmless in every format`, async () => {
      const { folder, files } = folderInMemory();
      const result = await writeReports(folder, hostileInput(name));
      expect(result.troubles).to.deep.equal([]);
      const text = (file: string): string => files.get(file) ?? '';
      for (const [file, content] of files)
        expect(OTHER_CONTROLS.test(content), `control characters in ${file}`).to.equal(false);
      const html = text('report.html');
      expect(html).not.to.match(/<img|<iframe|<object|<[^>]*\son\w+=/i);
      // Its own data and its own script, in this order, and nothing after them but the end.
      expect(html.match(/<script/gi)).to.have.length(2);
      expect(html).to.match(
        /<script id="data" type="application\/json">[^<]*<\/script><script>[^<]*(?:<(?!\/?script)[^<]*)*<\/script><\/body><\/html>\n$/,
      );
      expect(html.match(/<style>/g)).to.have.length(1);
      expect(html.length).to.be.below(400_000);
      const markdown = text('summary.md');
      const outsideCode = markdown.replace(/`[^`\n]*`/g, '');
      expect(outsideCode).not.to.match(/<|(?<!\\)\]\(|^# forged|@everyone|https?:\/\//m);
      for (const row of markdown.match(/^\|.*$/gm) ?? [])
        expect(row.match(/(?<!\\)\|/g)?.length, row).to.be.below(10);
      expect(markdown.length).to.be.below(65_536);
      expect(JSON.parse(text('report.json'))).to.have.property('schemaVersion', 1);
      const outsideData = text('junit.xml').replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
      expect(outsideData).not.to.include('"forged"');
      const summary = terminalSummary(hostileInput(name), { colour: false, width: 80, folder: 'reports/x' });
      expect(OTHER_CONTROLS.test(summary)).to.equal(false);
      expect(summary.length).to.be.below(12_000);
    });
  }
});
