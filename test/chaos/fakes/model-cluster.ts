import type { ApiRequest, ApiResponse } from '../../../src/ports/api-client.ts';
import type { KubernetesApi, KubernetesObject, ListOptions } from '../../../src/ports/kubernetes.ts';

/** Only what faults ask of Kubernetes, over objects by their path; each change is noted. */
export class ModelCluster {
  readonly objects: Map<string, KubernetesObject>;
  readonly #note: (act: string) => void;
  /** Pods whose eviction a budget refuses, each with how often still. */
  readonly refusals = new Map<string, number>();
  /** Called before a node is changed, for somebody else to be faster. */
  onPatch: (path: string) => void = () => undefined;
  /** When it returns true, changes are noted and answered, and nothing changes. */
  idle: () => boolean = () => false;
  #version = 100;

  /** @param note is told of each change before it is made, and throws to fail it. */
  constructor(objects: Map<string, KubernetesObject>, note: (act: string) => void) {
    this.objects = objects;
    this.#note = note;
    this.put('/api/v1/namespaces/kube-system', {
      metadata: { name: 'kube-system', uid: 'uid-of-kube-system' },
    });
  }

  put(path: string, object: KubernetesObject): void {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.objects.set(path, { ...object, metadata });
  }

  readonly api = {
    name: 'kubernetes',
    get: async (path: string) => this.objects.get(path),
    list: async (_collection: string, { fieldSelector }: ListOptions = {}) => {
      const node = fieldSelector?.replace('spec.nodeName=', '');
      return [...this.objects].flatMap(([path, object]) =>
        path.includes('/pods/') && (object['spec'] as { nodeName?: string } | undefined)?.nodeName === node
          ? [object]
          : [],
      );
    },
    delete: async (path: string, options?: { uid?: string; gracePeriodSeconds?: number }) => {
      const { gracePeriodSeconds } = options ?? {};
      const how = gracePeriodSeconds === undefined ? '' : ` within ${gracePeriodSeconds}s`;
      this.#note(`delete ${path.split('/').pop() ?? ''}${how}`);
      const pod = this.objects.get(path);
      if (pod === undefined || (options?.uid !== undefined && pod.metadata.uid !== options.uid)) return false;
      if (!this.idle()) this.objects.delete(path);
      return true;
    },
    request: async (asked: ApiRequest) => {
      const [status, body] = this.#answer(asked);
      return { status, body, headers: {} } as unknown as ApiResponse;
    },
  } as unknown as KubernetesApi;

  #answer({ method, path, body }: ApiRequest): readonly [number, unknown] {
    if (method === 'POST' && path.endsWith('/eviction'))
      return this.#evict(path.replace(/\/eviction$/, ''), body);
    if (method === 'PATCH') return this.#patch(path, body as { metadata: Patch; spec: Patch });
    return [405, { message: 'the model does not know that' }];
  }

  #evict(path: string, body: unknown): readonly [number, unknown] {
    const name = path.split('/').pop() ?? '';
    const pod = this.objects.get(path);
    if (pod === undefined) return [404, { kind: 'Status' }];
    const { deleteOptions } = body as { deleteOptions: { preconditions: { uid: string } } };
    if (deleteOptions.preconditions.uid !== pod.metadata.uid) return [409, { message: 'another one' }];
    const left = this.refusals.get(name) ?? 0;
    this.#note(`${left > 0 ? 'refuse' : 'evict'} ${name}`);
    if (left > 0) {
      this.refusals.set(name, left - 1);
      return [
        429,
        {
          message: 'Cannot evict pod.',
          details: { causes: [{ message: 'The budget b does not allow it' }] },
        },
      ];
    }
    if (!this.idle()) this.objects.delete(path);
    return [201, {}];
  }

  #patch(path: string, change: { metadata: Patch; spec: Patch }): readonly [number, unknown] {
    this.onPatch(path);
    const present = this.objects.get(path);
    if (present === undefined) return [404, { kind: 'Status' }];
    const { resourceVersion, annotations } = change.metadata;
    if (resourceVersion !== undefined && resourceVersion !== present.metadata.resourceVersion)
      return [409, { message: 'the object has been modified' }];
    const { unschedulable } = change.spec;
    this.#note(`${unschedulable === true ? 'cordon' : 'uncordon'} ${present.metadata.name}`);
    if (this.idle()) return [200, present];
    this.put(path, {
      ...present,
      metadata: {
        ...present.metadata,
        annotations: merge(present.metadata.annotations ?? {}, annotations) as Record<string, string>,
      },
      spec: merge(present['spec'] ?? {}, change.spec),
    });
    return [200, {}];
  }
}

type Patch = Readonly<Record<string, unknown>>;

/** As a JSON merge patch: null takes away. */
function merge(present: object, change: unknown): Record<string, unknown> {
  const merged = { ...present, ...(change as object) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}
