/**
 * What is installed, and the one place that says so. Besides Tempest itself, the programs between it and us are pinned: their
 * streams are what is read. The test names of `test/suites/tempest-guideline-2020.06.txt` are of this version.
 */
export const TEMPEST = {
  version: '47.0.0',
  packages: ['tempest==47.0.0', 'stestr==4.2.1', 'python-subunit==1.4.6', 'testtools==2.9.1'],
  /** As its package asks for it. */
  leastPython: [3, 10],
} as const;
