import type { Podman } from './podman.ts';

/** Older images that are kept, for a lab that is up or another checkout. */
const KEPT = 1;

/** Removes all but the newest images of the repository beside the one in use. */
export async function removeOlderTags(image: string, podman: Podman, signal: AbortSignal): Promise<void> {
  const [repository = image] = image.split(':');
  const older = (await podman.tags(repository, signal)).filter((tag) => tag !== image);
  for (const tag of older.slice(KEPT)) await podman.remove(tag, signal);
}
