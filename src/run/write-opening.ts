import type { RunRequest, World } from './world.ts';

/** Who runs what, before anything is touched. */
export async function writeOpening(request: RunRequest, world: World): Promise<void> {
  const { clock, folder, self } = world;
  const before = clock.now();
  const startedWall = clock.wall();
  const started = clock.now();
  await folder.write('run.json', {
    schemaVersion: 1,
    id: request.id,
    squall: { version: self.version, ...(self.commit === undefined ? {} : { commit: self.commit }) },
    node: self.node,
    host: self.host,
    commandLine: self.commandLine,
    lab: world.lab.name,
    seed: request.seed,
    started,
    startedWall,
    wallError: { ms: (started.ns - before.ns) / 1e6 },
  });
  await folder.write('plan.yaml', request.planText);
  await folder.write('plan.json', request.plan);
}
