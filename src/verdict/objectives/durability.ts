import type { Durability } from '../../model/analysis.ts';
import { mergeTruth } from '../../model/verdict.ts';
import { concludeOne, type Judgement, type Objective } from '../objective.ts';

/** How many lost writes are named. */
const NAMED = 5;

/** Whatever the system said it has, it has. */
export const durability: Objective = {
  name: 'durability',
  summary: 'Every write that was acknowledged was still there after the faults.',
  parameters: {
    probe: {
      type: 'string',
      describe: 'The probe by name; default every probe that remembers its writes.',
    },
  },
  judge(_evidence, { durability: all = [] }, spec) {
    const named = spec.parameters['probe'];
    const chosen = all.filter(({ probe }) => named === undefined || probe === named);
    if (chosen.length === 0) {
      return concludeOne('unknown', {
        about: spec.name,
        expected: 'a probe that remembers its writes',
        found: 'none whose writes were read back',
        evidence: ['writes.json'],
      });
    }
    const judged = chosen.map(judgeProbe);
    const truth = mergeTruth(judged.map((one) => one.truth));
    const speaking = judged.filter((one) => one.truth === truth);
    return {
      ...(speaking[0] ?? judged[0]),
      truth,
      reasons: speaking.flatMap(({ reasons }) => reasons),
    } as Judgement;
  },
};

function judgeProbe(found: Durability): Judgement {
  const { probe, acknowledged, lost, unread } = found;
  const truth = lost.length > 0 ? 'fail' : acknowledged === 0 || unread > 0 ? 'unknown' : 'pass';
  return concludeOne(truth, {
    about: `Durability of what ${probe} wrote`,
    expected: 'every acknowledged write to be there',
    found: describe(found),
    // How many are lost at the least, and at the most where some could not be looked for.
    figure: { min: lost.length, max: lost.length + unread, unit: 'count' },
    evidence: [`analysis.json#durability/${probe}`, 'writes.json'],
  });
}

function describe({ acknowledged, lost, unread, trouble }: Durability): string {
  if (acknowledged === 0) return 'no write that was acknowledged';
  const names = lost.slice(0, NAMED).join(', ') + (lost.length > NAMED ? ', ...' : '');
  const parts = [
    ...(lost.length > 0 ? [`${lost.length} of ${acknowledged} lost (sample ${names})`] : []),
    ...(unread > 0
      ? [`${unread} of ${acknowledged} not to be read back (${trouble ?? 'no reason is known'})`]
      : []),
  ];
  return parts.length === 0 ? `all ${acknowledged}` : parts.join(' and ');
}
