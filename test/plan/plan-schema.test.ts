import { expect } from 'chai';
import { describe, it } from 'mocha';
import { planSchema } from '../../src/plan/index.ts';
import { catalogueForTests } from './catalogue-for-tests.ts';

type Json = Readonly<Record<string, unknown>>;

/** Every schema inside a schema. */
function schemasIn(node: unknown): readonly Json[] {
  if (Array.isArray(node)) return node.flatMap(schemasIn);
  if (node === null || typeof node !== 'object') return [];
  return [node as Json, ...Object.values(node).flatMap(schemasIn)];
}

describe('planSchema', () => {
  const schema = planSchema(catalogueForTests);
  const all = schemasIn(schema);
  const named = (key: string, value: string): Json | undefined => {
    return all.find(
      (node) => (node['properties'] as Record<string, Json> | undefined)?.[key]?.['const'] === value,
    );
  };

  it('is draft-07 and refuses unknown keys at the top', () => {
    expect(schema['$schema']).to.equal('http://json-schema.org/draft-07/schema#');
    expect(schema['additionalProperties']).to.equal(false);
    expect(schema['required']).to.deep.equal(['apiVersion', 'kind', 'metadata', 'method']);
  });

  it('has each fault, probe and objective with its own keys', () => {
    const off = named('fault', 'node-power-off');
    expect(off?.['required']).to.include.members(['fault', 'selector', 'duration']);
    expect(off?.['properties']).to.not.have.property('from');
    expect(named('fault', 'pod-delete')?.['properties']).to.not.have.property('duration');
    expect(named('fault', 'network-partition')?.['properties']).to.have.property('from');
    expect(named('probe', 'http')?.['properties']).to.include.keys('endpoint', 'path', 'status');
    expect(named('objective', 'availability')?.['required']).to.include('minimum');
  });

  it('lets a parameter stand where a duration or a number is expected', () => {
    const duration = (named('fault', 'node-power-off')?.['properties'] as Record<string, Json>)['duration'];
    const choices = duration?.['anyOf'] as readonly Json[];
    const fits = (text: string): boolean =>
      choices.some(({ pattern }) => new RegExp(String(pattern)).test(text));
    expect([fits('30s'), fits('${hold}'), fits('5 minutes')]).to.deep.equal([true, true, false]);
  });

  it('describes every key', () => {
    const properties = all.flatMap((node) =>
      Object.entries((node['properties'] ?? {}) as Record<string, Json>),
    );
    const silent = properties
      .filter(([, node]) => node['description'] === undefined && node['$ref'] === undefined)
      .map(([key]) => key);
    expect(silent).to.deep.equal([]);
  });

  it('holds steps inside steps', () => {
    const parallel = all.find((node) => Object.hasOwn(node['properties'] ?? {}, 'parallel'));
    expect(JSON.stringify(parallel)).to.contain('"$ref":"#/definitions/step"');
  });
});
