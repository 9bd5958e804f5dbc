import type { Ability } from '../model/abilities.ts';
import { CASE_TAGS, type CaseDeclaration, type CaseTag } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import type { CaseContext } from './case-context.ts';

export interface SuiteOptions {
  /** What is tested, for people: `ConfigMaps`. */
  readonly title: string;
  /** Abilities without which none of its cases can run; they are skipped with that reason. */
  readonly needs?: readonly Ability[];
  /**
   * Whose the client `openstack` is: of the user that was given (default), or of an ordinary one, who has the role `member` in a
   * project of the lane's own. Where the given user may not make users, it is taken for the ordinary one.
   */
  readonly user?: 'given' | 'ordinary';
}

export interface CaseOptions {
  /** The behaviour that is expected, as a phrase: `refuses a write that carries a stale version`. */
  readonly title: string;
  /** At least one of `CASE_TAGS`. */
  readonly tags: readonly CaseTag[];
  /** The upstream tests that it covers, by their own names. Default none. */
  readonly covers?: readonly string[];
  /** Abilities beyond those of the suite. Default none. */
  readonly needs?: readonly Ability[];
}

/** What a case or a hook does. It passes when it returns, and fails when it throws. */
export type CaseBody = (context: CaseContext) => Promise<void> | void;

/** What a suite is written with; handed to its `define`. Properties rather than methods, so that they can be taken apart. */
export interface SuiteVerbs {
  /** One case. Its id is `<suite>/<name>` and must never change; `name` is in kebab-case. */
  readonly it: (name: string, options: CaseOptions, body: CaseBody) => void;
  /** Mocha's hooks: once before the first case, once after the last, before each and after each. */
  readonly before: (body: CaseBody) => void;
  readonly after: (body: CaseBody) => void;
  readonly beforeEach: (body: CaseBody) => void;
  readonly afterEach: (body: CaseBody) => void;
  /**
   * A thing that is made once for the file, before its first case, and taken away after its last.
   * @returns how a case gets it.
   */
  readonly shared: <T>(make: (context: CaseContext) => Promise<T>) => () => T;
}

export type Define = (verbs: SuiteVerbs) => void;

/** A suite as its file wrote it. Defining it anew gives fresh variables, so each round starts clean. */
export interface SuiteDefinition {
  readonly name: string;
  readonly options: SuiteOptions;
  readonly define: Define;
}

export interface DefinedCase {
  readonly declaration: CaseDeclaration;
  readonly body: CaseBody;
}

export type HookName = 'before' | 'after' | 'beforeEach' | 'afterEach';

export interface DefinedSuite {
  readonly name: string;
  readonly title: string;
  readonly user: 'given' | 'ordinary';
  readonly cases: readonly DefinedCase[];
  readonly hooks: Readonly<Record<HookName, readonly CaseBody[]>>;
}

const SUITE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/;
const CASE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Runs `define` and gathers what it said; nothing of a case runs here.
 * @throws SQ_SUITE when a name or a tag is wrong or a case is there twice.
 */
export function defineSuite({ name, options, define }: SuiteDefinition): DefinedSuite {
  if (!SUITE_NAME.test(name)) {
    throw new HarnessError(
      'SQ_SUITE',
      `The suite name "${name}" is not of the form <service>/<behaviour>, in kebab-case.`,
    );
  }
  const cases: DefinedCase[] = [];
  const hooks = { before: [], after: [], beforeEach: [], afterEach: [] } as Record<HookName, CaseBody[]>;
  define({
    it: (caseName, caseOptions, body) => {
      const declaration = declare(name, options, caseName, caseOptions);
      if (cases.some((one) => one.declaration.id === declaration.id)) {
        throw new HarnessError(
          'SQ_SUITE',
          `The case ${declaration.id} is there twice; an id must be unique.`,
        );
      }
      cases.push({ declaration, body });
    },
    before: (body) => hooks.before.push(body),
    after: (body) => hooks.after.push(body),
    beforeEach: (body) => hooks.beforeEach.push(body),
    afterEach: (body) => hooks.afterEach.push(body),
    shared: (make) => shared(make, hooks.before),
  });
  if (cases.length === 0) throw new HarnessError('SQ_SUITE', `The suite ${name} has no case.`);
  return { name, title: options.title, user: options.user ?? 'given', cases, hooks };
}

function declare(suite: string, options: SuiteOptions, name: string, its: CaseOptions): CaseDeclaration {
  if (!CASE_NAME.test(name)) {
    throw new HarnessError('SQ_SUITE', `The case name "${name}" of suite ${suite} is not in kebab-case.`);
  }
  const wrong = its.tags.find((tag) => !CASE_TAGS.includes(tag));
  if (wrong !== undefined || its.tags.length === 0) {
    const says = wrong === undefined ? 'has no tag' : `has the unknown tag "${wrong}"`;
    throw new HarnessError(
      'SQ_SUITE',
      `The case ${suite}/${name} ${says}; the tags are ${CASE_TAGS.join(', ')}.`,
    );
  }
  return {
    id: `${suite}/${name}`,
    title: its.title,
    tags: its.tags,
    needs: [...new Set([...(options.needs ?? []), ...(its.needs ?? [])])],
    covers: its.covers ?? [],
  };
}

function shared<T>(make: (context: CaseContext) => Promise<T>, before: CaseBody[]): () => T {
  let made: { readonly thing: T } | undefined;
  before.push(async (context) => {
    made = { thing: await make(context) };
  });
  return () => {
    if (made === undefined)
      throw new Error('A shared thing was asked for outside a case, before it was made.');
    return made.thing;
  };
}
