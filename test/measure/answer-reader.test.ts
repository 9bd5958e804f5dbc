import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { AnswerReader, UnreadableAnswer } from '../../src/measure/answer-reader.ts';

interface Read {
  readonly whole: boolean;
  readonly status: number;
  readonly body: string;
  readonly reusable: boolean;
}

/** Reads the text in pieces that end at these places; `ends` says that the connection ends after it. */
function read(text: string, cuts: readonly number[] = [], ends = false, headOnly = false): Read {
  const reader = new AnswerReader({ headOnly, keepBody: true });
  const bytes = Buffer.from(text, 'latin1');
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let whole = false;
  for (const [index, from] of [0, ...places].entries())
    whole = reader.push(bytes.subarray(from, places[index]));
  if (ends) whole = reader.end();
  return { whole, status: reader.status, body: reader.body.toString('latin1'), reusable: reader.reusable };
}

const good = (body: string, reusable = true) => ({ whole: true, status: 200, body, reusable });

const ANSWERS: readonly (readonly [title: string, text: string, expected: Read, ends?: boolean])[] = [
  ['a body of a known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', good('hello')],
  ['no body', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', good('')],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nx: y\r\n\r\n',
    good('hello'),
  ],
  ['a body until the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nhello', good('hello', false), true],
  [
    'a connection that is closed behind it',
    'HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 1\r\n\r\na',
    good('a', false),
  ],
  ['HTTP/1.0, which keeps nothing', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', good('a', false)],
  [
    'an announcement before it',
    'HTTP/1.1 103 Early\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na',
    good('a'),
  ],
  ['more than an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP', good('a', false)],
  ['no content', 'HTTP/1.1 204 No\r\n\r\n', { whole: true, status: 204, body: '', reusable: true }],
  [
    'a body that breaks off',
    'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello',
    { ...good('hello'), whole: false },
    true,
  ],
];

const UNREADABLE: readonly (readonly [title: string, text: string])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['a status that is none', 'HTTP/1.1 999 ?\r\n\r\n'],
  ['a header without a name', 'HTTP/1.1 200 OK\r\n: a\r\n\r\n'],
  ['a folded header', 'HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na'],
  [
    'a length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a length below zero', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
  ['a chunk without a length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nhello\r\n'],
  [
    'a chunk that is longer than it says',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nhello\r\n',
  ],
  ['a switch of protocols', 'HTTP/1.1 101 Switch\r\n\r\n'],
  ['a head without an end', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(12_000)}`],
];

describe('an answer as its bytes come', () => {
  for (const [title, text, expected, ends = false] of ANSWERS) {
    it(`${title}, however it is cut`, () => {
      expect(read(text, [], ends)).to.deep.equal(expected);
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 12 }), (cuts) => {
          expect(read(text, cuts, ends)).to.deep.include({
            ...expected,
            reusable: read(text, cuts, ends).reusable,
          });
        }),
        { seed: 4, numRuns: 60 },
      );
    });
  }
  for (const [title, text] of UNREADABLE) {
    it(`is refused: ${title}`, () => {
      expect(() => read(text)).to.throw(UnreadableAnswer);
    });
  }

  it('has no body when only the head was asked for', () => {
    const found = read('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n', [], false, true);
    expect(found).to.deep.equal(good(''));
  });

  it('ends or is refused, and never hangs, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(), { maxLength: 6 }), (text, cuts) => {
        const written = `HTTP/1.1 200 OK\r\n${text}`;
        try {
          expect(read(written, cuts, true).status).to.be.oneOf([0, 200]);
        } catch (error) {
          expect(error).to.be.instanceOf(UnreadableAnswer);
        }
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});
