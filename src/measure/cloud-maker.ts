import type { LedgerEntry } from '../model/conformance.ts';
import { HarnessError } from '../model/errors.ts';
import { OWNER_LABEL } from '../model/own-marks.ts';
import type { ProbeSpec } from '../model/plan.ts';
import type { OpenStackApi, ServiceType } from '../ports/openstack.ts';
import { cloudOf } from './cloud-means.ts';
import type { GroundTools } from './probes/probe.ts';

export type Made = Readonly<Record<string, unknown>> & { readonly id: string };

/** What is to be made: its body has `name`, or, where the service gives no names, our name for `description`. */
export interface CloudOrder {
  readonly type: ServiceType;
  /** The collection, such as `/networks`; the answer to a list has them under its last word. */
  readonly path: string;
  /** The key that wraps it. */
  readonly key: string;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The service knows no names for these. */
  readonly nameless?: true;
  /** Marks it as the run's. Default: by its description. */
  readonly marked?: true;
}

/** Makes what a probe asks through in a cloud: in the ledger and on the disk before it is asked for, and ours by its marks. */
export class CloudMaker {
  readonly cloud: OpenStackApi;
  readonly #spec: ProbeSpec;
  readonly #tools: GroundTools;
  readonly #signal: AbortSignal;

  constructor(spec: ProbeSpec, tools: GroundTools, signal: AbortSignal) {
    this.cloud = cloudOf(spec, tools);
    this.#spec = spec;
    this.#tools = tools;
    this.#signal = signal;
  }

  /** Makes it, or takes what an earlier process of this run made. @throws SQ_BAD_ANSWER when it is refused. */
  async make({ type, path, key, name, body, nameless, marked }: CloudOrder): Promise<Made> {
    await this.note(type, path, name);
    const plural = path.slice(1).replaceAll('-', '_');
    const field = nameless === true ? 'description' : 'name';
    const known = await this.cloud.listAll(
      type,
      `${path}?${field}=${encodeURIComponent(name)}`,
      plural,
      this.#signal,
    );
    const there = known.find((one) => one[field] === name);
    if (there !== undefined) return there as Made;
    const own =
      nameless === true || marked === true ? {} : { description: `${OWNER_LABEL}=${this.#tools.run}` };
    const answer = await this.call(type, 'POST', path, { [key]: { ...own, [field]: name, ...body } });
    return answer[key] as Made;
  }

  async note(type: ServiceType, path: string, name: string): Promise<void> {
    await this.#tools.note(entryOf(this.#spec, type, path, name));
  }

  /** @param accepted beside success, such as 409 where it may be done already. @throws SQ_BAD_ANSWER for another status. */
  async call(
    type: ServiceType,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: object,
    accepted: readonly number[] = [],
  ): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.cloud.service(type).request<Readonly<Record<string, unknown>>>({
      method,
      path,
      ...(body === undefined ? {} : { body }),
      signal: this.#signal,
    });
    if (answer.status < 300 || accepted.includes(answer.status)) return answer.body;
    const says = JSON.stringify(answer.body).slice(0, 300);
    throw new HarnessError(
      'SQ_BAD_ANSWER',
      `Probe ${this.#spec.name}: ${method} ${type} ${path} was answered with ${answer.status}: ${says}`,
      { remedy: 'See whether the project may make this, and whether its quota has room.' },
    );
  }
}

export const entryOf = (spec: ProbeSpec, type: ServiceType, path: string, name: string): LedgerEntry => ({
  system: 'openstack',
  collection: `${type}:${path}`,
  name,
  createdBy: `probe ${spec.name}`,
});

/** How all names of a probe in one run begin. */
export const stemOf = (spec: ProbeSpec, run: string): string =>
  `sq-${run}-${spec.name}`.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 200);
