/** What the lab is made of, made or found by whoever composes it. */
export interface LabParts {
  /** The image that nodes start from; it holds the runtime and the programs of a node. */
  readonly nodeImage: string;
  /** One archive with every image that the cluster itself needs, and the test image. */
  readonly imageArchive: string;
  readonly kubernetesVersion: string;
  readonly dnsImage: string;
  /** Any image of the archive that runs without arguments and needs nothing. */
  readonly idleImage: string;
  /** What suites run in pods of their own. */
  readonly testImage: string;
  /** Changes with everything that is in the image or the archive. */
  readonly key: string;
}

/** Finds or makes them; may take long the first time. */
export type FindParts = (report: (says: string) => void, signal: AbortSignal) => Promise<LabParts>;
