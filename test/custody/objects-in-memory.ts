import { HarnessError } from '../../src/model/errors.ts';
import type { ApiRequest, ApiResponse } from '../../src/ports/api-client.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';

/** The objects of an API server, with the versions that keep two writers apart. */
export class ObjectsInMemory {
  readonly #objects = new Map<string, KubernetesObject>();
  #version = 0;
  /** What every question gets instead of its answer; `nothing` is a server that is not reached. */
  answer: number | 'nothing' | undefined;
  /** As over a network: others come in between. Not under a virtual clock, for which that is time without end. */
  slow = true;

  request = async <Body>({ method, path, body }: ApiRequest): Promise<ApiResponse<Body>> => {
    if (this.slow) await new Promise((resolve) => setImmediate(resolve));
    if (this.answer === 'nothing') throw new HarnessError('SQ_UNREACHABLE', 'nobody answers');
    const [status, answer] = this.answer === undefined ? this.#do(method, path, body) : [this.answer, {}];
    return { status, headers: {}, body: answer as Body, url: path } as unknown as ApiResponse<Body>;
  };

  #do(method: string, path: string, body: unknown): readonly [number, object] {
    const given = body as KubernetesObject;
    const there = this.#objects.get(path);
    const missing = [404, { kind: 'Status' }] as const;
    switch (method) {
      case 'POST': {
        const [, namespace] = /^(.*)\/namespaces\/([^/]+)\//.exec(path)?.slice(1) ?? [];
        if (namespace !== undefined && !this.#objects.has(`/api/v1/namespaces/${namespace}`)) return missing;
        const target = `${path}/${given.metadata.name}`;
        if (this.#objects.has(target)) return [409, { kind: 'Status' }];
        return [201, this.#put(target, given)];
      }
      case 'PUT': {
        if (there === undefined) return missing;
        const { resourceVersion } = given.metadata;
        if (resourceVersion !== undefined && resourceVersion !== there.metadata.resourceVersion)
          return [409, { kind: 'Status' }];
        return [200, this.#put(path, given)];
      }
      case 'DELETE':
        return this.#objects.delete(path) ? [200, {}] : missing;
      default: {
        if (there !== undefined) return [200, there];
        const items = [...this.#objects]
          .filter(([name]) => name.startsWith(`${path}/`))
          .map(([, one]) => one);
        return /(leases|configmaps)$/.test(path) ? [200, { items }] : missing;
      }
    }
  }

  #put(path: string, object: KubernetesObject): KubernetesObject {
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.#objects.set(path, kept);
    return kept;
  }
}
