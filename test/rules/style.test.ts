import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import ts from 'typescript';
import { trackedFiles } from './tracked-files.ts';

const LONGEST_FUNCTION = 70;
const LONGEST_FILE = 400;
const REFUSED_NAMES = [
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'manager',
  'misc',
  'handler',
  'handlers',
];

/** Where time and chance come in; everything else gets them through `ports/clock.ts`. */
const CLOCK_FOLDERS = ['src/adapters/system/', 'src/entries/', 'src/rehearsal/'];

/** What may not be called elsewhere, and what to use instead. */
const CLOCK_AND_CHANCE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'Clock.wall or Clock.now'],
  [/\bperformance\.now\(|\bprocess\.hrtime\b/, 'Clock.now'],
  [/\bsetTimeout\(|\bsetInterval\(/, 'Clock.sleep or Clock.after'],
  [/\bMath\.random\(|\brandom(UUID|Bytes|Int)\(/, 'Chance, or seededRandom where it must be repeatable'],
];

const sources = trackedFiles(/^(src|suites|test|bench)\/.*\.tsx?$/);

describe('style', () => {
  it('keeps files short', () => {
    const long = sources
      .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > LONGEST_FILE)
      .map(
        ({ file, lines }) =>
          `${file} has ${lines} lines, more than ${LONGEST_FILE}: find the second thing that it does, and give that a file`,
      );
    expect(long.join('\n')).to.equal('');
  });

  it('keeps functions on one screen', () => {
    const long = sources.filter((file) => !file.startsWith('test/')).flatMap(longFunctions);
    expect(long.join('\n')).to.equal('');
  });

  it('names files after what they hold', () => {
    const bad = sources
      .filter((file) =>
        basename(file)
          .split(/[-.]/)
          .some((word) => REFUSED_NAMES.includes(word)),
      )
      .map((file) => `${file}: the name says nothing; name it after the one thing that it exports`);
    expect(bad.join('\n')).to.equal('');
  });

  it('takes time and chance through ports', () => {
    const bad = sources
      .filter(
        (file) => /^(src|suites)\//.test(file) && !CLOCK_FOLDERS.some((folder) => file.startsWith(folder)),
      )
      .flatMap((file) => uses(file, CLOCK_AND_CHANCE));
    expect(bad.join('\n')).to.equal('');
  });

  it('leaves nothing unfinished and silences no check', () => {
    const marks = new RegExp(
      [
        'TO' + 'DO',
        'FIX' + 'ME',
        'eslint-' + 'disable',
        '@ts-' + '(ignore|nocheck|expect-error)',
        '\\.(only|skip)\\(',
      ].join('|'),
    );
    const bad = sources.flatMap((file) => uses(file, [[marks, 'finish it, or mend what the check found']]));
    expect(bad.join('\n')).to.equal('');
  });
});

function uses(file: string, rules: readonly (readonly [RegExp, string])[]): readonly string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      rules
        .filter(([pattern]) => pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
        .map(([, instead]) => `${file}:${index + 1} ${line.trim()}: use ${instead}`),
    );
}

function longFunctions(file: string): readonly string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const lines = source.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1;
      if (lines > LONGEST_FUNCTION && !isSuiteBody(file)) {
        found.push(
          `${file}:${first + 1} has a function of ${lines} lines, more than ${LONGEST_FUNCTION}: keep the decisions in it and move straight work into functions below`,
        );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The body of a suite is a list of cases; each case is held to the limit by eye and by the length of its file. */
function isSuiteBody(file: string): boolean {
  return file.endsWith('.suite.ts');
}
