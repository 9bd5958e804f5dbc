import { expect } from 'chai';
import { describe, it } from 'mocha';
import { parseUserFile } from '../../src/entries/user-file.ts';

describe('user-file', () => {
  it('reads what it may hold, and an empty file', () => {
    const text = 'lab: existing\nseed: 42\nprotected: {nodes: [control-1]}\n';
    expect(parseUserFile(text, 'c.yaml')).to.deep.equal({
      lab: 'existing',
      seed: '42',
      protected: { namespaces: [], nodes: ['control-1'] },
    });
    expect(parseUserFile('# nothing yet\n', 'c.yaml')).to.deep.equal({});
  });

  it('tells every mistake at once, each with its line and column, and no word of a cluster', () => {
    const text =
      'labb: existing\noutput: xml\nexisting:\n  words:\n    shop-prod: short\n  node-access: {}\n';
    const refused = expect(() => parseUserFile(text, 'c.yaml')).to.throw();
    refused.with.property('code', 'SQ_CONFIG_INVALID');
    refused.with
      .property('message')
      .that.includes('c.yaml:1:1 labb: is not a known key; did you mean "lab"?')
      .and.includes('c.yaml:2:9 output: "xml" is not one of its values; known are json, table')
      .and.includes('c.yaml:5:16 existing.words.shop-prod: has fewer than 8 characters')
      .and.includes('c.yaml:6:16 existing.node-access.image: is required')
      .and.not.includes('short');
  });

  it('says where it is not YAML, and that it is not a mapping', () => {
    expect(() => parseUserFile('lab: [existing\n', 'c.yaml')).to.throw(/^c\.yaml:\d+:\d+ is not YAML: /);
    expect(() => parseUserFile('existing\n', 'c.yaml')).to.throw(
      'c.yaml:1:1 the file: "existing" is not a mapping',
    );
  });
});
