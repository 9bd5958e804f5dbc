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
  /** What a cloud is deployed with and from; absent for a lab that carries none. */
  readonly cloud?: CloudParts;
  /** Changes with everything that is in the images or the archives. */
  readonly key: string;
}

export interface CloudParts {
  /** One archive with the image that every service of the cloud runs from. */
  readonly imageArchive: string;
  /** Path of the program. */
  readonly helm: string;
  /** The folder of the charts. */
  readonly charts: string;
  /** Changes with the charts. */
  readonly key: string;
}

/** Finds or makes them; may take long the first time. */
export type FindParts = (report: (says: string) => void, signal: AbortSignal) => Promise<LabParts>;
