import type { KubernetesObject } from '../../ports/kubernetes.ts';

type Tree = Readonly<Record<string, unknown>>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TEXTS = ['namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp'] as const;
const MAPS = ['labels', 'annotations'] as const;
const OWNER = ['kind', 'name', 'uid'] as const;

/** Fields that a server may say `null` for, where others leave them out. */
const NULLABLE = [...TEXTS, ...MAPS, 'ownerReferences'] as const;

/** The object when the part of it that every reader relies on is as it should be; undefined otherwise. Nulls are left out. */
export function readObject(value: unknown): KubernetesObject | undefined {
  if (!isTree(value) || !isTree(value['metadata'])) return undefined;
  const { metadata } = value;
  const nulls = NULLABLE.filter((key) => metadata[key] === null);
  if (nulls.length === 0) return isMetadata(metadata) ? (value as unknown as KubernetesObject) : undefined;
  const said = Object.fromEntries(
    Object.entries(metadata).filter(([key]) => !(nulls as readonly string[]).includes(key)),
  );
  return isMetadata(said) ? ({ ...value, metadata: said } as unknown as KubernetesObject) : undefined;
}

function isMetadata(metadata: Tree): boolean {
  if (typeof metadata['name'] !== 'string') return false;
  if (!TEXTS.every((key) => metadata[key] === undefined || typeof metadata[key] === 'string')) return false;
  if (!MAPS.every((key) => metadata[key] === undefined || isMapOfTexts(metadata[key]))) return false;
  const owners = metadata['ownerReferences'];
  return owners === undefined || (Array.isArray(owners) && owners.every(isOwner));
}

const isMapOfTexts = (value: unknown): boolean =>
  isTree(value) && Object.values(value).every((each) => typeof each === 'string');

const isOwner = (value: unknown): boolean =>
  isTree(value) && OWNER.every((key) => typeof value[key] === 'string');
