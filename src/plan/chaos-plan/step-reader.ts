import { z } from 'zod';
import type { Catalogue } from '../../model/catalogue.ts';
import { ZERO } from '../../model/duration.ts';
import type {
  FaultStep,
  Mode,
  ParallelStep,
  RepeatStep,
  Selector,
  Step,
  SuitesStep,
  SuiteSelection,
  WaitStep,
} from '../../model/plan.ts';
import { didYouMean, probablyMeant } from '../did-you-mean.ts';
import { parametersOf } from '../parameter-schemas.ts';
import { shown, type Finding, type Path } from '../problem.ts';
import { readWith } from '../read-with.ts';
import {
  faultSchema,
  parallelSchema,
  refusedKeysOf,
  repeatSchema,
  suitesStepSchema,
  waitSchema,
  type WrittenFault,
} from './catalogue-schemas.ts';
import type { selectionSchema, selectorSchema } from './section-schemas.ts';

const KINDS = ['fault', 'wait', 'suites', 'parallel', 'repeat'] as const;
type Kind = (typeof KINDS)[number];

const DEFAULT_CEILING = { ms: 600_000 };
/** Steps inside steps are read one by one, each with the schema of its own kind. */
const unread = z.unknown();
const writtenParallel = parallelSchema(unread);
const writtenRepeat = repeatSchema(unread);

/** Reads the steps of a method, in the order of the file, and gives each its name. */
export class StepReader {
  readonly places = new Map<object, Path>();
  readonly names = new Set<string>();
  readonly #catalogue: Catalogue;
  readonly #findings: Finding[];
  readonly #count: Record<Kind, number> = { fault: 0, wait: 0, suites: 0, parallel: 0, repeat: 0 };

  /** @param findings where mistakes are added. */
  constructor(catalogue: Catalogue, findings: Finding[]) {
    this.#catalogue = catalogue;
    this.#findings = findings;
  }

  readAll(values: readonly unknown[], path: Path): readonly Step[] {
    return values.flatMap((value, index) => this.#read(value, [...path, index]) ?? []);
  }

  #read(value: unknown, path: Path): Step | undefined {
    const kind = this.#kindOf(value, path);
    if (kind === undefined) return undefined;
    this.#count[kind] += 1;
    const standard = `${kind}-${this.#count[kind]}`;
    const given = (value as { name?: unknown }).name;
    const name = typeof given === 'string' ? given : standard;
    this.names.add(name);
    const step = this.#readKind(kind, value as Record<string, unknown>, name, path);
    if (step) this.places.set(step, path);
    return step;
  }

  #kindOf(value: unknown, path: Path): Kind | undefined {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      this.#found(path, `${shown(value)} is not a step: it needs one of ${KINDS.join(', ')}`);
      return undefined;
    }
    const keys = Object.keys(value);
    const kinds = KINDS.filter((kind) => keys.includes(kind));
    if (kinds.length === 1) return kinds[0];
    if (kinds.length > 1) {
      this.#found(path, `names ${kinds.join(' and ')}, and a step does one thing`);
      return undefined;
    }
    const misspelt = keys.find((key) => probablyMeant(key, KINDS) !== undefined);
    const hint = misspelt === undefined ? '' : `; ${didYouMean(misspelt, KINDS)}`;
    this.#found(path, `is not a step: it needs one of ${KINDS.join(', ')}${hint}`);
    return undefined;
  }

  #readKind(kind: Kind, value: Record<string, unknown>, name: string, path: Path): Step | undefined {
    switch (kind) {
      case 'fault':
        return this.#readFault(value, name, path);
      case 'wait':
        return this.#readWait(value, name, path);
      case 'suites':
        return this.#readSuites(value, name, path);
      case 'parallel':
        return this.#readParallel(value, name, path);
      case 'repeat':
        return this.#readRepeat(value, name, path);
    }
  }

  #readFault(value: Record<string, unknown>, name: string, path: Path): FaultStep | undefined {
    const entry = this.#catalogue.faults.find((fault) => fault.name === value['fault']);
    if (!entry) {
      const known = this.#catalogue.faults.map((fault) => fault.name);
      const written = value['fault'];
      const hint = typeof written === 'string' ? didYouMean(written, known) : `known are ${known.join(', ')}`;
      this.#found([...path, 'fault'], `${shown(written)} is not a known fault; ${hint}`);
      return undefined;
    }
    const written = readWith(faultSchema(entry), value, path, this.#findings, refusedKeysOf(entry));
    if (!written) return undefined;
    const selector = this.#selector(written.selector, [...path, 'selector']);
    const from = written.from && this.#selector(written.from, [...path, 'from']);
    const mode = this.#mode(written, path);
    if (!mode) return undefined;
    const parameters = parametersOf(entry, written);
    const step: FaultStep = {
      kind: 'fault',
      name,
      fault: entry.name,
      selector,
      mode,
      duration: written.duration ?? ZERO,
      parameters,
    };
    return from ? { ...step, from } : step;
  }

  #selector(written: z.output<typeof selectorSchema>, path: Path): Selector {
    const parts = Object.entries(written).filter(([, part]) => part !== undefined);
    const empty = parts.every(([, part]) => typeof part === 'object' && Object.keys(part).length === 0);
    if (empty)
      this.#found(
        path,
        'names nothing, which would be everything; give a role, a service, a workload or a node',
      );
    return Object.fromEntries(parts);
  }

  #mode(written: WrittenFault, path: Path): Mode | undefined {
    const { mode, value } = written;
    const at = [...path, 'value'];
    if (mode === 'one' || mode === 'all') {
      if (value !== undefined)
        this.#found(at, `has no place beside mode ${mode}; it belongs to fixed and percent`, 'key');
      return { kind: mode };
    }
    if (value === undefined) {
      this.#found(at, `is required by mode ${mode}`);
      return undefined;
    }
    const count = Number(mode === 'percent' ? String(value).replace(/%$/, '') : value);
    if (mode === 'fixed') {
      if (typeof value === 'number' && Number.isInteger(count) && count >= 1)
        return { kind: mode, value: count };
      this.#found(at, `${shown(value)} is not a whole number from 1`);
    } else {
      const written = String(value);
      if (/^\d+(\.\d+)?%?$/.test(written) && count > 0 && count <= 100)
        return { kind: mode, value: count / 100 };
      this.#found(at, `${shown(value)} is not a percentage such as 50%, from more than 0% to 100%`);
    }
    return undefined;
  }

  #readWait(value: Record<string, unknown>, name: string, path: Path): WaitStep | undefined {
    const written = readWith(waitSchema, value, path, this.#findings);
    if (!written) return undefined;
    if (written.wait === 'recovered') {
      return { kind: 'wait', name, wait: { for: 'recovered', ceiling: written.ceiling ?? DEFAULT_CEILING } };
    }
    if (written.ceiling !== undefined)
      this.#found([...path, 'ceiling'], 'has a place only beside `wait: recovered`', 'key');
    return { kind: 'wait', name, wait: { for: 'duration', duration: written.wait } };
  }

  #readSuites(value: Record<string, unknown>, name: string, path: Path): SuitesStep | undefined {
    const written = readWith(suitesStepSchema, value, path, this.#findings);
    return written && { kind: 'suites', name, selection: selectionOf(written.suites) };
  }

  #readParallel(value: Record<string, unknown>, name: string, path: Path): ParallelStep | undefined {
    const written = readWith(writtenParallel, value, path, this.#findings);
    if (!written) return undefined;
    const steps = written.parallel.flatMap((branch, index): readonly Step[] => {
      const place = [...path, 'parallel', index];
      if (!Array.isArray(branch)) {
        const step = this.#read(branch, place);
        return step ? [step] : [];
      }
      if (branch.length === 0) this.#found(place, 'is a branch without steps');
      return this.#readBranch(branch, place);
    });
    return { kind: 'parallel', name, steps };
  }

  /** Steps in a row inside a parallel step: one round of them. */
  #readBranch(branch: readonly unknown[], path: Path): readonly Step[] {
    this.#count.repeat += 1;
    const name = `repeat-${this.#count.repeat}`;
    const step: RepeatStep = { kind: 'repeat', name, times: 1, steps: this.readAll(branch, path) };
    this.places.set(step, path);
    return [step];
  }

  #readRepeat(value: Record<string, unknown>, name: string, path: Path): RepeatStep | undefined {
    const written = readWith(writtenRepeat, value, path, this.#findings)?.repeat;
    if (!written) return undefined;
    const at = [...path, 'repeat'];
    const steps = this.readAll(written.steps, [...at, 'steps']);
    const { times, every, for: forSoLong } = written;
    if ((times === undefined) === (forSoLong === undefined)) {
      this.#found(
        at,
        times === undefined
          ? 'needs `times`, or `for` with `every`'
          : 'has both `times` and `for`; one decides',
      );
      return undefined;
    }
    if (forSoLong !== undefined && every === undefined) {
      this.#found([...at, 'for'], 'needs `every`: rounds are started at 0, every, 2 x every...', 'key');
      return undefined;
    }
    const rounds = times ?? Math.ceil((forSoLong?.ms ?? 0) / (every?.ms ?? 1));
    if (rounds > 10_000) this.#found([...at, 'for'], `comes to ${rounds} rounds, and 10000 are the most`);
    return { kind: 'repeat', name, times: rounds, ...(every ? { every } : {}), steps };
  }

  #found(path: Path, says: string, at: Finding['at'] = 'value'): void {
    this.#findings.push({ path, at, says });
  }
}

/** Leaves out what was not given. */
export function selectionOf(written: z.output<typeof selectionSchema>): SuiteSelection {
  const { grep, ...lists } = written;
  return grep === undefined ? lists : { ...lists, grep };
}
