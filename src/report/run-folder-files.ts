/** What lies where in a run folder, for people; `docs/run-folder.md` tells it in full. */
export const RUN_FOLDER_FILES: readonly { readonly name: string; readonly holds: string }[] = [
  { name: 'run.json', holds: 'who ran what, when, and with which seed' },
  { name: 'plan.yaml', holds: 'the plan as it was read; plan.json is the same, checked' },
  { name: 'subject.json', holds: 'versions of what was tested' },
  {
    name: 'topology-before.json',
    holds: 'what ran where before the first fault; topology-after.json at the end',
  },
  { name: 'schedule.json', holds: 'which fault on which target, with the predicted windows' },
  { name: 'chaos.json', holds: 'each fault from proof to heal' },
  { name: 'journal/', holds: 'the healing journal, as it was written before each fault' },
  { name: 'samples/', holds: 'every answer of every probe' },
  {
    name: 'calibration/',
    holds: 'answers at several rates before anything was hurt; calibration.json what they say',
  },
  { name: 'events.ndjson', holds: 'every change that a watcher saw' },
  { name: 'writes.json', holds: 'what was still there of the writes that probes were told had succeeded' },
  { name: 'conformance/', holds: 'every case of every stage, with stack and diff' },
  { name: 'ledger.ndjson', holds: 'what suites and probes created; leftovers.json what was still there' },
  { name: 'end.json', holds: 'how the run ended' },
  { name: 'analysis.json', holds: 'intervals, figures and recoveries, computed from the above' },
  { name: 'verdict.json', holds: 'the verdict, with every reason' },
  { name: 'report.json', holds: 'all figures of this page as data' },
  { name: 'junit.xml', holds: 'cases, faults and objectives for a CI server' },
  { name: 'summary.md', holds: 'a short summary for a merge request' },
  { name: 'log.ndjson', holds: 'what Squall itself did' },
];
