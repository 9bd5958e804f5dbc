import type { FaultEntry } from '../model/catalogue.ts';

/**
 * Faults that plans may name and that are refused when they are planned, with the reason and the remedy of the lab: no lab of today
 * has what they need, so nothing would do them.
 */
export const faultsWithoutALab: readonly FaultEntry[] = [
  {
    name: 'clock-skew',
    summary:
      'Sets the clock of nodes wrong for a while. Refused wherever a node shares the clock of its host, as containers do: every other node, the host and the prober would be skewed as well.',
    acts: 'node',
    lasts: true,
    parameters: {
      by: {
        type: 'duration',
        describe: 'By how much the clock of the chosen nodes goes before that of the others.',
        required: true,
      },
    },
    needs: ['node-clock'],
  },
];
