/** One way to break a promise of custody, and the test that must notice. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Occurs once in the file. */
  readonly good: string;
  readonly bad: string;
  readonly test: string;
  /** A part of the title of the test that fails, as it is printed. */
  readonly noticedBy: string;
}

const JOURNAL = 'src/adapters/system/open-durable-log.ts';
const RUN_FAULT = 'src/chaos/run-fault.ts';
const HEAL_ENTRY = 'src/chaos/heal-entry.ts';
const POINTS = 'test/custody/journal-points.test.ts';
const METHOD = 'test/chaos/run-method.test.ts';

export const CUSTODY_MUTANTS: readonly Mutant[] = [
  {
    name: 'skip the sync of a journal line',
    file: JOURNAL,
    good: '        await file.sync();\n',
    bad: '',
    test: POINTS,
    noticedBy: 'does nothing without its entry and can be read',
  },
  {
    name: 'skip the sync of the folder of a journal',
    file: JOURNAL,
    good: '    await files.syncFolder(folder);\n',
    bad: '',
    test: POINTS,
    noticedBy: 'does nothing without its entry and can be read',
  },
  {
    name: 'write on after a sync that failed',
    file: JOURNAL,
    good: '        broken = { error };\n',
    bad: '',
    test: 'test/adapters/system/open-durable-log.test.ts',
    noticedBy: 'never touches its file again after a failed sync',
  },
  {
    name: 'intend on in a journal whose line failed',
    file: 'src/custody/open-journal.ts',
    good: '      broken = error;\n',
    bad: '',
    test: 'test/custody/journal.test.ts',
    noticedBy: 'forbids every intent after a line that failed',
  },
  {
    name: 'inject without a journal line',
    file: RUN_FAULT,
    good: '      await context.journal.intend(intended);\n',
    bad: '',
    test: METHOD,
    noticedBy: 'touches nothing when the journal cannot be written',
  },
  {
    name: 'drop the heal',
    file: HEAL_ENTRY,
    good: '      await unlessAborted(fault.heal(entry, tools, signal), signal);\n',
    bad: '',
    test: METHOD,
    noticedBy: 'heals every lasting injection',
  },
  {
    name: 'let whoever stops the run stop the heal',
    file: RUN_FAULT,
    good: 'await healEntry(entry, context.tools, new AbortController().signal, context.faults)',
    bad: 'await healEntry(entry, context.tools, AbortSignal.abort(), context.faults)',
    test: METHOD,
    noticedBy: 'heals every lasting injection',
  },
  {
    name: 'heal without verifying',
    file: HEAL_ENTRY,
    good: 'await lookUntil(() => fault.verifyHealed(entry, tools, signal), tools.clock, signal)',
    bad: "{ ok: true, says: 'healed', at: tools.clock.now() } as Verification",
    test: METHOD,
    noticedBy: 'does not call healed what still hurts',
  },
  {
    name: 'verify a heal by the own record of rules',
    file: 'src/chaos/faults/network-partition.ts',
    good: 'const looks = await reachAll(await pairsToJudge(entry, tools), tools, NAME);',
    bad: 'const rules = await linksOf(tools, NAME).rules();\n    const looks = rules.length === 0 ? [] : await reachAll(await pairsToJudge(entry, tools), tools, NAME);',
    test: 'test/custody/verify-from-outside.test.ts',
    noticedBy: 'network-partition is not called healed by a record',
  },
  {
    name: 'widen a selector: its role does not count',
    file: 'src/chaos/select-candidates.ts',
    good: '  if (role !== undefined && !service?.roles.includes(role) && !node?.roles.includes(role)) return false;\n',
    bad: '  void role;\n',
    test: 'test/chaos/make-schedule.test.ts',
    noticedBy: 'takes only what matches every part of',
  },
  {
    name: 'widen a selector: its workload does not count',
    file: 'src/chaos/select-candidates.ts',
    good: '  return selector.workload === undefined || service?.workload === selector.workload;\n',
    bad: '  return true;\n',
    test: METHOD,
    noticedBy: 'deletes a pod by its UID and owes nothing afterwards',
  },
  {
    name: 'trust a UID from before the proof',
    file: 'src/chaos/bind-targets.ts',
    good: "  if (now.uid !== target.uid) return 'was replaced';\n",
    bad: '',
    test: METHOD,
    noticedBy: 'that was replaced between the proof and the act',
  },
  {
    name: 'hurt one member more than the quorum allows',
    file: 'src/chaos/prove-quorums.ts',
    good: 'return left >= needed ? holds',
    bad: 'return left + 1 >= needed ? holds',
    test: 'test/chaos/prove-radius.test.ts',
    noticedBy: 'quorum',
  },
  {
    name: 'forget what is hurt already',
    file: RUN_FAULT,
    good: 'open: [...(context.stateOpen ?? []), ...context.journal.open()],',
    bad: 'open: [],',
    test: METHOD,
    noticedBy: 'the second proof sees the first',
  },
  {
    name: 'let the reaper leave expired faults alone',
    file: 'src/custody/follow-journal.ts',
    good: "  return expired && (expiryHolder === 'reaper' || !alive);\n",
    bad: '  return expired && !alive && expiryHolder !== expiryHolder;\n',
    test: 'test/custody/follow-journal.test.ts',
    noticedBy: 'ends what the reaper holds at its declared end',
  },
];
