import { didYouMean } from './did-you-mean.ts';
import { shown, type Finding, type Path } from './problem.ts';

export type ParameterScalar = string | number | boolean;

const NAME = /^[A-Za-z][\w-]*$/;
const REFERENCE = /\$\{([^{}]*)\}/g;
/** A longer value is no parameter of a plan, and one that is used often must not fill the memory. */
const LONGEST_VALUE = 1000;
const MOST_INSERTED = 100_000;

/** The parameters of a plan, after `--set`, and the places that use them. */
export class PlanParameters {
  readonly #values = new Map<string, ParameterScalar>();
  readonly #findings: Finding[];
  #inserted = 0;

  /** @param findings where mistakes are added. */
  constructor(findings: Finding[]) {
    this.#findings = findings;
  }

  /** Reads the section `parameters`: names and their defaults. */
  declare(section: unknown): void {
    if (section === undefined) return;
    if (section === null || typeof section !== 'object' || Array.isArray(section)) {
      this.#found(['parameters'], `${shown(section)} is not a mapping of names to defaults`);
      return;
    }
    for (const [name, value] of Object.entries(section)) this.#declareOne(name, value);
  }

  #declareOne(name: string, value: unknown): void {
    const path = ['parameters', name];
    if (!NAME.test(name)) {
      this.#found(path, 'is not a name: a letter, then letters, digits, - and _', 'key');
    } else if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      this.#found(path, `${shown(value)} is not a default: it must be text, a number, true or false`);
    } else if (String(value).length > LONGEST_VALUE) {
      this.#found(path, `is longer than ${LONGEST_VALUE} characters`);
    } else if (/\$\{/.test(String(value))) {
      this.#found(path, 'refers to a parameter, which only the rest of the plan may do');
    }
    // Known even when it is wrong, so that each mistake is told once.
    const usable = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
    this.#values.set(name, usable && String(value).length <= LONGEST_VALUE ? value : '');
  }

  /** Applies `--set`: the text takes the type of the default, where it can be read as one. */
  set(values: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(values)) {
      const standard = this.#values.get(name);
      if (standard === undefined) {
        const known = [...this.#values.keys()];
        const hint = known.length === 0 ? 'the plan has none' : didYouMean(name, known);
        this.#found(
          ['parameters'],
          `--set ${name.slice(0, LONGEST_VALUE)}: is not a parameter of this plan; ${hint}`,
        );
      } else if (text.length > LONGEST_VALUE) {
        this.#found(['parameters', name], `--set ${name}: is longer than ${LONGEST_VALUE} characters`);
      } else this.#values.set(name, likeDefault(text, standard));
    }
  }

  /** Puts the values into one scalar. A scalar that is one reference and nothing else takes the type of the value too. */
  insert(scalar: string, path: Path): ParameterScalar {
    const whole = /^\$\{([^{}]*)\}$/.exec(scalar)?.[1];
    if (whole !== undefined) return this.#lookUp(whole, path);
    return scalar.replace(REFERENCE, (_reference, name: string) => String(this.#lookUp(name, path)));
  }

  #lookUp(name: string, path: Path): ParameterScalar {
    const value = this.#values.get(name);
    if (value === undefined) {
      const known = [...this.#values.keys()];
      const hint = known.length === 0 ? 'the plan has no `parameters`' : didYouMean(name, known);
      this.#found(path, `\${${name.slice(0, LONGEST_VALUE)}} is not a parameter of this plan; ${hint}`);
      return '';
    }
    const length = String(value).length;
    if (this.#inserted <= MOST_INSERTED && this.#inserted + length > MOST_INSERTED) {
      this.#found(path, `the parameters come to more than ${MOST_INSERTED} characters where they are used`);
    }
    this.#inserted += length;
    return this.#inserted > MOST_INSERTED ? '' : value;
  }

  /** All values as text, for the record. */
  asText(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#values].map(([name, value]) => [name, String(value)]));
  }

  #found(path: Path, says: string, at: Finding['at'] = 'value'): void {
    this.#findings.push({ path, at, says });
  }
}

function likeDefault(text: string, standard: ParameterScalar): ParameterScalar {
  if (typeof standard === 'number' && String(Number(text)) === text) return Number(text);
  if (typeof standard === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
