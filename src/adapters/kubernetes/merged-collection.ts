import type { KubernetesObject } from '../../ports/kubernetes.ts';

/** A list as one API server gave it. */
export interface ListedCollection {
  readonly objects: readonly KubernetesObject[];
  readonly resourceVersion: string;
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Deletions that are remembered, so that a server that lags cannot bring an object back. More than any one lags behind by. */
const MOST_DELETIONS = 10_000;

/**
 * One collection as several API servers of one cluster tell it, each at its own pace and perhaps more than once. Per object only
 * a newer version counts, by its resource version: the servers share one etcd, whose revisions these are. Versions that are not
 * numbers are taken as they come.
 */
export class MergedCollection {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #deleted = new Map<string, bigint>();

  all(): readonly KubernetesObject[] {
    return [...this.#objects.values()];
  }

  /** @returns what to tell of it, or undefined when it is known already, or older than what is known. */
  take(type: ChangeType, object: KubernetesObject): ChangeType | undefined {
    const key = keyOf(object);
    const known = this.#objects.get(key);
    const version = versionOf(object);
    if (type === 'DELETED') {
      const older = known !== undefined && isBelow(version, versionOf(known));
      if (older || this.#isDeletedSince(key, version)) return undefined;
      this.#bury(key, version);
      return 'DELETED';
    }
    if (known !== undefined && isAtMost(version, versionOf(known))) return undefined;
    if (this.#isDeletedSince(key, version)) return undefined;
    this.#objects.set(key, object);
    return known === undefined ? 'ADDED' : 'MODIFIED';
  }

  /** @returns whether anything changed by it. */
  takeList({ objects, resourceVersion }: ListedCollection): boolean {
    const listed = new Set(objects.map(keyOf));
    const at = parseVersion(resourceVersion);
    let changed = false;
    for (const object of objects) if (this.take('MODIFIED', object) !== undefined) changed = true;
    for (const [key, known] of [...this.#objects]) {
      // Newer than the list: whoever made the list could not have it yet.
      if (listed.has(key) || isBelow(at, versionOf(known))) continue;
      this.#bury(key, at);
      changed = true;
    }
    return changed;
  }

  /** Whether all that the list tells is known here, so that nothing up to it is still to come. */
  covers({ objects, resourceVersion }: ListedCollection): boolean {
    const listed = new Set(objects.map(keyOf));
    const at = parseVersion(resourceVersion);
    const isKnown = (object: KubernetesObject): boolean => {
      const known = this.#objects.get(keyOf(object));
      const version = versionOf(object);
      return (
        (known !== undefined && isAtMost(version, versionOf(known))) ||
        this.#isDeletedSince(keyOf(object), version)
      );
    };
    const isGone = ([key, known]: readonly [string, KubernetesObject]): boolean =>
      !listed.has(key) && isAtMost(versionOf(known), at);
    return objects.every(isKnown) && ![...this.#objects].some(isGone);
  }

  #isDeletedSince(key: string, version: bigint | undefined): boolean {
    const deleted = this.#deleted.get(key);
    return deleted !== undefined && isAtMost(version, deleted);
  }

  #bury(key: string, version: bigint | undefined): void {
    this.#objects.delete(key);
    if (version === undefined) return;
    this.#deleted.delete(key);
    this.#deleted.set(key, version);
    const [oldest] = this.#deleted.keys();
    if (this.#deleted.size > MOST_DELETIONS && oldest !== undefined) this.#deleted.delete(oldest);
  }
}

const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const versionOf = ({ metadata }: KubernetesObject): bigint | undefined =>
  parseVersion(metadata.resourceVersion);

/** undefined where it cannot be compared. */
export function parseVersion(version: string | undefined): bigint | undefined {
  return version !== undefined && /^\d+$/.test(version) ? BigInt(version) : undefined;
}

const isBelow = (one: bigint | undefined, other: bigint | undefined): boolean =>
  one !== undefined && other !== undefined && one < other;

const isAtMost = (one: bigint | undefined, other: bigint | undefined): boolean =>
  one !== undefined && other !== undefined && one <= other;
