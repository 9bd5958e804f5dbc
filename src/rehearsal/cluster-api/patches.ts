import { isJson, sameJson, type Json } from './json.ts';
import { badRequest, Refusal } from './refusal.ts';

/** JSON merge patch (RFC 7396). */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const merged: Record<string, unknown> = { ...(isJson(target) ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** By which entries of a list are known to be the same one, in the lists that a strategic merge patch merges. */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  addresses: ['type'],
  ports: ['containerPort', 'port'],
  taints: ['key'],
};

/** Strategic merge patch: a merge patch that merges well-known lists entry by entry, and honours `$patch: delete`. */
export function strategicPatch(target: unknown, patch: unknown): unknown {
  if (!isJson(patch)) return patch;
  const merged: Record<string, unknown> = { ...(isJson(target) ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete merged[key];
    else if (Array.isArray(value)) merged[key] = mergeLists(key, merged[key], value);
    else if (isJson(value) && value['$patch'] === 'replace') merged[key] = strategicPatch({}, value);
    else merged[key] = strategicPatch(merged[key], value);
  }
  return merged;
}

function mergeLists(field: string, present: unknown, patch: readonly unknown[]): readonly unknown[] {
  const key = MERGE_KEYS[field]?.find((each) => patch.every((entry) => isJson(entry) && each in entry));
  if (key === undefined || !Array.isArray(present)) {
    return patch.filter((entry) => !isJson(entry) || entry['$patch'] === undefined);
  }
  const merged: unknown[] = [...(present as readonly unknown[])];
  for (const entry of patch as readonly Json[]) {
    const index = merged.findIndex((each) => isJson(each) && each[key] === entry[key]);
    if (entry['$patch'] === 'delete') {
      if (index >= 0) merged.splice(index, 1);
    } else if (index >= 0) merged[index] = strategicPatch(merged[index], entry);
    else merged.push(entry);
  }
  return merged;
}

const unprocessable = (says: string): Refusal =>
  new Refusal(422, 'Invalid', `the server rejected our request: ${says}`);

/** JSON patch (RFC 6902). @throws Refusal BadRequest for what is no patch, Invalid when it does not apply. */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw badRequest('a JSON patch is a list of operations');
  const holder: Record<string, unknown> = { root: structuredClone(target) };
  for (const operation of operations as readonly unknown[]) {
    if (!isJson(operation)) throw badRequest('an operation of a JSON patch is an object');
    applyOperation(holder, operation);
  }
  return holder['root'];
}

function applyOperation(holder: Record<string, unknown>, operation: Json): void {
  const path = pointer(operation['path']);
  const { op } = operation;
  if (op === 'add') return insert(holder, path, operation['value']);
  if (op === 'remove') return void take(holder, path);
  if (op === 'replace') {
    take(holder, path);
    return insert(holder, path, operation['value']);
  }
  if (op === 'test') {
    if (!sameJson(read(holder, path), operation['value']))
      throw unprocessable(`testing ${String(operation['path'])} failed`);
    return;
  }
  if (op === 'move') return insert(holder, path, take(holder, pointer(operation['from'])));
  if (op === 'copy') return insert(holder, path, structuredClone(read(holder, pointer(operation['from']))));
  throw badRequest(`unknown operation of a JSON patch: ${String(op)}`);
}

function pointer(text: unknown): readonly string[] {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/')))
    throw badRequest('a path of a JSON patch starts with a slash');
  const parts = text.split('/').slice(1);
  return ['root', ...parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))];
}

function read(holder: unknown, path: readonly string[]): unknown {
  let here = holder;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !(key in here))
      throw unprocessable(`there is nothing at /${path.slice(1).join('/')}`);
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

function insert(holder: unknown, path: readonly string[], value: unknown): void {
  const parent = read(holder, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : Number(key);
    if (!Number.isInteger(index) || index < 0 || index > parent.length)
      throw unprocessable(`no entry ${key} in the list`);
    parent.splice(index, 0, value);
  } else if (typeof parent === 'object' && parent !== null) (parent as Record<string, unknown>)[key] = value;
  else throw unprocessable(`there is no object to hold ${key}`);
}

function take(holder: unknown, path: readonly string[]): unknown {
  const value = read(holder, path);
  const parent = read(holder, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete (parent as Record<string, unknown>)[key];
  return value;
}
