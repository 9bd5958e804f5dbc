import { expect } from 'chai';
import { HarnessError } from '../../src/model/errors.ts';
import type { Plan } from '../../src/model/plan.ts';
import { loadPlan } from '../../src/plan/index.ts';
import { catalogueForTests } from './catalogue-for-tests.ts';

export const load = (text: string, set: Record<string, string> = {}): Plan => {
  return loadPlan(text, { file: 'plan.yaml', catalogue: catalogueForTests, set });
};

/** The lines of the refusal; fails when there is none. */
export function problemsOf(text: string, set: Record<string, string> = {}): readonly string[] {
  try {
    load(text, set);
  } catch (error) {
    expect(error).to.be.instanceOf(HarnessError);
    const refusal = error as HarnessError;
    expect(refusal.code).to.equal('SQ_PLAN_INVALID');
    expect(refusal.exitCode).to.equal(2);
    expect(refusal.facts['problems']).to.be.an('array').that.is.not.empty;
    return refusal.message.split('\n');
  }
  throw new Error('The plan was accepted.');
}

export const HEAD = 'apiVersion: squall.dev/v1alpha1\nkind: ChaosPlan\nmetadata:\n  name: x\n';
/** A method of one step that is written from line 6, column 5 on. */
export const step = (text: string): string => `${HEAD}method:\n  - ${text.replaceAll('\n', '\n    ')}\n`;
