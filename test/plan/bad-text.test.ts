import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { HarnessError } from '../../src/model/errors.ts';
import { loadPlan } from '../../src/plan/index.ts';
import { catalogueForTests, GOOD_PLAN } from './catalogue-for-tests.ts';

const MIB = 1_048_576;

/** The message of the refusal, or undefined when the text is a plan. Anything else that is thrown fails the test. */
function refusalOf(text: string): string | undefined {
  try {
    loadPlan(text, { file: 'plan.yaml', catalogue: catalogueForTests });
    return undefined;
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    expect(error.code).to.equal('SQ_PLAN_INVALID');
    expect(error.exitCode).to.equal(2);
    return error.message;
  }
}

const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');

function bomb(): string {
  const levels = lines(
    12,
    (n) => `k${n}: &k${n} [${Array.from({ length: 9 }, () => (n === 0 ? 'x' : `*k${n - 1}`)).join(', ')}]`,
  );
  return `${GOOD_PLAN}${levels}\n`;
}

describe('text that is no plan', () => {
  const rows: readonly { title: string; text: string; says: string }[] = [
    { title: 'an empty file', text: '', says: 'plan.yaml:1:1 plan: the file is empty' },
    { title: 'a file of comments', text: '# Nothing.\n\n', says: 'plan.yaml:1:1 plan: the file is empty' },
    { title: 'null', text: 'null\n', says: 'plan.yaml:1:1 plan: the file is empty' },
    {
      title: 'a list',
      text: '- a\n',
      says: 'plan.yaml:1:1 plan: is not a mapping that begins with apiVersion and kind',
    },
    {
      title: 'a word',
      text: '\n  plan\n',
      says: 'plan.yaml:2:3 plan: is not a mapping that begins with apiVersion and kind',
    },
    {
      title: 'several documents',
      text: `a: 1\n---\nb: 2\n`,
      says: 'plan.yaml:2:1 plan: the file holds several documents, and a plan is one',
    },
    {
      title: 'an alias bomb',
      text: bomb(),
      says: 'the plan amounts to more than 20000 values',
    },
    {
      title: 'an alias of itself',
      text: 'a: &a [*a]\n',
      says: 'plan.yaml:1:8 plan: values are nested deeper than 60 levels',
    },
    {
      title: 'a file of 10 MB',
      text: `a: ${'x'.repeat(10 * MIB)}`,
      says: 'plan.yaml:1:1 plan: the file has 10.0 MiB, and a plan may have 1 MiB at most',
    },
    {
      title: 'a tab as indentation',
      text: 'metadata:\n\tname: x\n',
      says: 'plan.yaml:2:1 plan: a tab stands where YAML wants spaces',
    },
    {
      title: 'a NUL',
      text: 'a: 1\nb: \u0000\n',
      says: 'plan.yaml:2:4 plan: the file is not text: it holds the control character 0x00',
    },
    {
      title: 'bytes that are not UTF-8',
      text: Buffer.from([0x61, 0xff, 0xfe]).toString('utf8'),
      says: 'plan.yaml:1:2 plan: the file is not text: it holds bytes that are not UTF-8',
    },
    {
      title: 'brackets in brackets',
      text: `a: ${'['.repeat(61)}${']'.repeat(61)}`,
      says: 'plan.yaml:1:64 plan: values are nested deeper than 60 levels',
    },
    {
      title: 'deep indentation',
      text: lines(70, (n) => `${' '.repeat(n)}a:`),
      says: 'plan.yaml:62:62 plan: values are nested deeper than 60 levels',
    },
    {
      title: 'an unknown tag',
      text: 'a: !secret b\n',
      says: 'plan.yaml:1:4 plan: is not YAML: unresolved tag: !secret',
    },
    {
      title: 'a quote that never ends',
      text: 'a: "b\n',
      says: 'plan.yaml:2:1 plan: is not YAML: missing closing "quote',
    },
    {
      title: 'another kind and version',
      text: 'apiVersion: squall.dev/v1\nkind: ChaosEngine\nspec: {}\n',
      says: 'plan.yaml:1:13 apiVersion: "squall.dev/v1" is not a known one; did you mean "squall.dev/v1alpha1"?\nplan.yaml:2:7 kind: "ChaosEngine" is not a known one; known are ChaosPlan',
    },
    {
      title: 'a mapping that is something else',
      text: 'name: x\n',
      says: 'plan.yaml:1:1 apiVersion: is required; known are squall.dev/v1alpha1\nplan.yaml:1:1 kind: is required; known are ChaosPlan',
    },
  ];
  for (const { title, text, says } of rows) {
    it(`${title} is refused with its place`, () => {
      const message = refusalOf(text);
      if (says.startsWith('plan.yaml')) expect(message).to.equal(says);
      else expect(message).to.contain(says);
    });
  }

  const masses: Readonly<Record<string, string>> = {
    'opening brackets': '['.repeat(MIB),
    'opening braces': '{'.repeat(MIB),
    'closing brackets': ']'.repeat(MIB),
    'closing brackets in lines': ']\n'.repeat(MIB / 2),
    'list marks': '- '.repeat(MIB / 2),
    'question marks': '? '.repeat(MIB / 2),
    quotes: '"'.repeat(MIB),
    directives: '%\n'.repeat(MIB / 2),
    anchors: '&a '.repeat(MIB / 3),
    keys: lines(80_000, (n) => `k${n}: 1`),
    'keys that are few enough to parse': lines(9_000, (n) => `k${n}: 1`),
    'bad escapes': `"${'\\x'.repeat(MIB / 2 - 1)}"`,
    'bad escapes in lines': lines(60, () => `- "${'\\x'.repeat(8000)}"`),
    'an endless line': `a: ${'b'.repeat(MIB - 3)}`,
    documents: '---\n'.repeat(MIB / 4),
    comments: '#\n'.repeat(MIB / 2),
    colons: ': '.repeat(MIB / 2),
    'indented keys': lines(1400, (n) => `${' '.repeat(n)}a:`),
  };
  for (const [title, text] of Object.entries(masses)) {
    it(`a megabyte of ${title} is refused in time and with little memory`, () => {
      const before = process.memoryUsage().heapUsed;
      const cpu = process.cpuUsage();
      const message = refusalOf(text) ?? expect.fail('It was accepted.');
      const used = process.cpuUsage(cpu);
      expect(message.length).to.be.below(50_000);
      expect((used.user + used.system) / 1e6, 'seconds of CPU').to.be.below(2);
      expect((process.memoryUsage().heapUsed - before) / MIB, 'MiB of heap').to.be.below(300);
    });
  }
});

describe('any text at all', function () {
  // The machine may be busy; the work itself takes about a second.
  this.timeout(20_000);

  it('is a plan or a refusal with exit code 2', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void refusalOf(text)),
      { numRuns: 400 },
    );
  });

  it('is a plan or a refusal with exit code 2, where a good plan was changed in a few places', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        '\n',
        '  ',
        ':',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '"',
        "'",
        '&a ',
        '*a',
        '!!str ',
        '|\n',
        '>',
        '? ',
        '#',
        '${x}',
        '\t',
        '__proto__',
        'null',
        '-1',
        '1e999',
        '.nan',
        '%',
        '0x1',
        '<<: ',
      ),
      fc.string({ maxLength: 8 }),
    );
    const change = fc.tuple(fc.nat({ max: GOOD_PLAN.length }), fc.nat({ max: 12 }), piece);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const text = changes.reduce(
          (old, [at, cut, put]) => old.slice(0, at) + put + old.slice(at + cut),
          GOOD_PLAN,
        );
        refusalOf(text);
      }),
      { numRuns: 350 },
    );
  });

  it('is a plan or a refusal with exit code 2, where a value was replaced by any other', () => {
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('9e9h', '1000000h', '${hold}', '~', 'recovered'),
    );
    const spots = [...GOOD_PLAN.matchAll(/: ([^\n|{[&]+)$/gm)].map((match) => (match.index ?? 0) + 2);
    fc.assert(
      fc.property(fc.constantFrom(...spots), values, (at, value) => {
        const end = GOOD_PLAN.indexOf('\n', at);
        refusalOf(GOOD_PLAN.slice(0, at) + JSON.stringify(value) + GOOD_PLAN.slice(end));
      }),
      { numRuns: 250 },
    );
  });
});
