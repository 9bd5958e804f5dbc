import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import ts from 'typescript';
import { PAGE_SCRIPT } from '../../src/report/page/page-script.ts';
import { bundlePageScript, PAGE_SCRIPT_FILE } from './bundle-page-script.ts';

const CONFIGURATION = 'src/report/browser/tsconfig.json';

describe('the script of the page', () => {
  it('is what src/report/browser bundles to', async () => {
    const fresh = await bundlePageScript();
    if (process.env.SQUALL_WRITE_GENERATED === '1') writeFileSync(PAGE_SCRIPT_FILE, fresh);
    expect(
      readFileSync(PAGE_SCRIPT_FILE, 'utf8') === fresh,
      'the committed script is older than its sources: run SQUALL_WRITE_GENERATED=1 npm test',
    ).to.equal(true);
  });

  it('has sources without a type error, against what browsers have', () => {
    const host: ts.ParseConfigFileHost = {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, ' '));
      },
    };
    const parsed = ts.getParsedCommandLineOfConfigFile(resolve(CONFIGURATION), {}, host);
    if (parsed === undefined) throw new Error(`${CONFIGURATION} cannot be read.`);
    const program = ts.createProgram(parsed.fileNames, parsed.options);
    const errors = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) =>
          `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    expect(parsed.fileNames.length).to.be.greaterThan(5);
    expect(errors).to.deep.equal([]);
  });

  it('is small, and can neither end its element nor reach out', () => {
    expect(PAGE_SCRIPT.length).to.be.within(4_000, 30_000);
    expect(PAGE_SCRIPT).not.to.match(
      /<\/script|<!--|fetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(|innerHTML|eval\(/i,
    );
  });
});
