import { expect } from 'chai';
import fc from 'fast-check';
import { before, describe, it } from 'mocha';
import { HarnessError } from '../../src/model/errors.ts';
import { EXIT } from '../../src/model/exit-code.ts';
import { discover, parseTopologyFile } from '../../src/topology/index.ts';
import { readRecording, RECORDINGS, toolsOf } from './recorded-cluster.ts';

function refusal(text: string): HarnessError {
  try {
    parseTopologyFile(text, 't.json');
  } catch (error) {
    expect(error).to.be.instanceOf(HarnessError);
    expect((error as HarnessError).code).to.equal('SQ_RUN_UNREADABLE');
    expect((error as HarnessError).exitCode).to.equal(EXIT.refusedPlan);
    return error as HarnessError;
  }
  throw new Error('it was not refused');
}

describe('topology: stored topologies', () => {
  let stored: string;
  before(async () => {
    stored = JSON.stringify(
      await discover(toolsOf(readRecording('kubeadm-openstack-helm')), new AbortController().signal),
    );
  });
  const edited = (edit: (topology: Record<string, never>) => void): string => {
    const copy = JSON.parse(stored) as Record<string, never>;
    edit(copy);
    return JSON.stringify(copy);
  };

  for (const name of RECORDINGS) {
    it(`reads back what was found of ${name}`, async () => {
      const topology = await discover(toolsOf(readRecording(name)), new AbortController().signal);
      expect(parseTopologyFile(JSON.stringify(topology))).to.deep.equal(JSON.parse(JSON.stringify(topology)));
    });
  }

  const rows: readonly { title: string; text: () => string; says: readonly string[] }[] = [
    { title: 'an empty file', text: () => ' \n', says: ['is empty'] },
    {
      title: 'a file that was cut off',
      text: () => stored.slice(0, 1000),
      says: ['is not JSON, or was cut off'],
    },
    { title: 'a list', text: () => '[]', says: ['the file: should be a mapping'] },
    {
      title: 'a later version',
      text: () => edited((t) => Object.assign(t, { schemaVersion: 9 })),
      says: ['of version 9, and this Squall reads version 1'],
    },
    {
      title: 'all problems at once',
      text: () =>
        edited((t) => Object.assign(t, { nodes: 5, owned: 'yes', endpoints: [{ name: '', system: 'x' }] })),
      says: [
        't.json nodes: should be a list',
        't.json owned: should be true or false',
        't.json endpoints[0].name: should be a text that is not empty',
        'endpoints[0].url: is missing',
      ],
    },
    {
      title: 'a quorum without numbers',
      text: () =>
        edited((t) =>
          Object.assign((t['services'] as unknown as object[])[0] ?? {}, { quorum: { size: -1 } }),
        ),
      says: [
        'services[0].quorum.size: should be a whole number from 0',
        'services[0].quorum.needed: is missing',
      ],
    },
    {
      title: 'a service that is there twice',
      text: () =>
        edited((t) =>
          (t['services'] as unknown as object[]).push((t['services'] as unknown as object[])[0] ?? {}),
        ),
      says: ['services: has kubernetes/kube-system/coredns twice'],
    },
    {
      title: 'a member of a service that is not there',
      text: () =>
        edited((t) =>
          Object.assign((t as unknown as { live: { members: object[] } }).live.members[0] ?? {}, {
            service: 'a/b/c',
          }),
        ),
      says: ['names the service a/b/c, which is not there'],
    },
  ];
  for (const { title, text, says } of rows) {
    it(`refuses ${title}`, () => {
      const { message } = refusal(text());
      for (const part of says) expect(message).to.include(part);
    });
  }

  it('refuses any other JSON with an error of its own', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        refusal(JSON.stringify(value));
      }),
    );
  });
});
