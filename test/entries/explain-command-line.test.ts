import { expect } from 'chai';
import { describe, it } from 'mocha';
import { explainCommandLine, type CommandLine } from '../../src/entries/explain-command-line.ts';

const line = (more: Partial<CommandLine> = {}): CommandLine => ({
  words: ['plan'],
  commands: ['run', 'plan', 'judge'],
  usage: 'plan <plan>',
  options: ['lab', 'output', 'output-dir', 'plan'],
  variables: new Map(),
  ...more,
});

const { usage: _usage, ...noCommand } = line();

describe('explain-command-line', () => {
  const said = (message: string, more?: Partial<CommandLine>): string => {
    const { code, message: says } = explainCommandLine(message, line(more));
    return `${code} ${says}`;
  };

  it('names a command that there is not, and the one that was probably meant', () => {
    const { message, remedy } = explainCommandLine('Unknown arguments: rnu, first-run', {
      ...noCommand,
      words: ['rnu', 'first-run'],
    });
    expect(message).to.equal('There is no command `rnu`: did you mean "run"?');
    expect(remedy).to.match(/squall --help/);
  });

  it('tells an option that there is not from a word too many', () => {
    expect(said('Unknown arguments: outptu-dir, outptuDir')).to.equal(
      'SQ_USAGE `squall plan <plan>` has no option `--outptu-dir`: did you mean "output-dir"?',
    );
    expect(said('Unknown argument: extra', { words: ['plan', 'p.yaml', 'extra'] })).to.equal(
      'SQ_USAGE `extra` is a word too many: the command is `squall plan <plan>`.',
    );
  });

  it('says which word is missing, and which option has no value', () => {
    expect(said('Not enough non-option arguments: got 0, need at least 1')).to.match(/squall plan <plan>/);
    expect(said('Not enough arguments following: lab')).to.equal('SQ_USAGE `--lab` has no value.');
  });

  it('blames a variable of the environment by its own name', () => {
    const variables = new Map([
      ['labb', 'SQUALL_LABB'],
      ['output', 'SQUALL_OUTPUT'],
    ]);
    expect(said('Unknown argument: labb', { variables })).to.equal(
      'SQ_CONFIG_INVALID The variable SQUALL_LABB stands for no option: did you mean SQUALL_LAB?',
    );
    const values = 'Invalid values:\n  Argument: output, Given: "xml", Choices: "table", "json"';
    expect(said(values, { variables })).to.equal(
      'SQ_CONFIG_INVALID `SQUALL_OUTPUT` cannot be "xml": known are table, json.',
    );
    expect(said(values, { variables, words: ['plan', 'xml'] })).to.equal(
      'SQ_USAGE `--output` cannot be "xml": known are table, json.',
    );
  });

  it('calls a word by what it is', () => {
    const values = 'Invalid values:\n  Argument: what, Given: "fish", Choices: "faults", "labs"';
    expect(said(values, { usage: 'list <what>', words: ['list', 'fish'] })).to.equal(
      'SQ_USAGE `<what>` cannot be "fish": known are faults, labs.',
    );
  });
});
