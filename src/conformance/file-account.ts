import type Mocha from 'mocha';
import type { CaseDeclaration, Trouble } from '../model/conformance.ts';
import type { CaseEnd, CaseListener } from './case-reporter.ts';
import type { DefinedCase } from './suite-definition.ts';

/** Hears about cases by their declarations; each case ends exactly once, whatever mocha does. */
export interface RunListener {
  started(declaration: CaseDeclaration): void;
  ended(declaration: CaseDeclaration, end: CaseEnd, troubles: readonly Trouble[]): void;
}

/**
 * Keeps the account of one file: what mocha does not mention (cases after a failed hook) is settled when it closes, and the last
 * case is held back until the hooks after it have ended, so that their failure has a case to be told in.
 */
export class FileAccount implements CaseListener {
  stopped = false;
  readonly #cases: readonly DefinedCase[];
  readonly #listener: RunListener;
  readonly #declarations = new Map<Mocha.Test, CaseDeclaration>();
  readonly #reasons = new Map<string, string>();
  readonly #details = new Map<string, string[]>();
  readonly #troubles = new Map<string, readonly Trouble[]>();
  readonly #hookTroubles: (readonly Trouble[])[] = [];
  readonly #ended = new Set<string>();
  #last: { readonly declaration: CaseDeclaration; readonly end: CaseEnd } | undefined;
  #hookFailure: { readonly hook: string; readonly end: CaseEnd } | undefined;

  constructor(cases: readonly DefinedCase[], listener: RunListener) {
    this.#cases = cases;
    this.#listener = listener;
  }

  add(test: Mocha.Test, declaration: CaseDeclaration, skipReason: string | undefined): void {
    this.#declarations.set(test, declaration);
    if (skipReason !== undefined) this.#reasons.set(declaration.id, skipReason);
  }

  /** Why a case is skipped. */
  explain(declaration: CaseDeclaration, reason: string): void {
    this.#reasons.set(declaration.id, reason);
  }

  /** A hook skipped the cases that it was for. */
  explainRest(reason: string): void {
    for (const { declaration } of this.#cases) {
      if (!this.#reasons.has(declaration.id)) this.#reasons.set(declaration.id, reason);
    }
  }

  addDetails(declaration: CaseDeclaration, says: string): void {
    this.#details.set(declaration.id, [...(this.#details.get(declaration.id) ?? []), says]);
  }

  /** The troubles of a case, or of a hook: then they are told with the next case that ends. */
  keep(troubles: readonly Trouble[], declaration?: CaseDeclaration): void {
    if (declaration === undefined) this.#hookTroubles.push(troubles);
    else this.#troubles.set(declaration.id, troubles);
  }

  started(test: Mocha.Test): void {
    const declaration = this.#declarations.get(test);
    if (declaration !== undefined) this.#listener.started(declaration);
  }

  ended(test: Mocha.Test, end: CaseEnd): void {
    const declaration = this.#declarations.get(test);
    if (declaration === undefined || this.#ended.has(declaration.id)) return;
    this.#ended.add(declaration.id);
    if (this.#ended.size === this.#cases.length) this.#last = { declaration, end };
    else this.#tell(declaration, end);
  }

  hookFailed(hook: Mocha.Hook, end: CaseEnd): void {
    this.#hookFailure ??= { hook: (hook.originalTitle ?? hook.title).replace(/^".*" hook: /, ''), end };
  }

  close(): void {
    const failure = this.#hookFailure;
    const spoiled: CaseEnd | undefined = failure && {
      ...failure.end,
      reason: `The hook "${failure.hook}" of its suite failed: ${failure.end.reason ?? ''}`,
    };
    if (this.#last !== undefined) {
      const { declaration, end } = this.#last;
      this.#tell(declaration, end.outcome === 'passed' && spoiled !== undefined ? spoiled : end);
    }
    if (this.stopped) return;
    for (const { declaration } of this.#cases) {
      if (this.#ended.has(declaration.id)) continue;
      this.#tell(
        declaration,
        spoiled ?? { outcome: 'unknown', reason: 'It was not run, and mocha did not say why.' },
      );
    }
  }

  #tell(declaration: CaseDeclaration, end: CaseEnd): void {
    const { id } = declaration;
    const reason =
      end.outcome === 'skipped' ? (this.#reasons.get(id) ?? 'It was skipped without a reason.') : end.reason;
    const details = [end.details, ...(this.#details.get(id) ?? [])]
      .filter((part) => part !== undefined)
      .join('\n');
    const troubles = [...this.#hookTroubles.splice(0).flat(), ...(this.#troubles.get(id) ?? [])];
    this.#listener.ended(
      declaration,
      {
        outcome: end.outcome,
        ...(reason === undefined ? {} : { reason }),
        ...(details === '' ? {} : { details }),
      },
      troubles,
    );
  }
}
