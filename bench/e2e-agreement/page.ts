import { agrees, isAsItShouldBe, type Row } from './agreement.ts';
import type { Trial } from './trials.ts';

type Found = Readonly<Record<string, readonly Row[]>>;

const shortName = (check: string): string => check.replace(/ \[(Node)?Conformance\]/g, '');

/** A table in Markdown: which check failed where. Trials that were not made have no rows. */
export function tableOf(trials: readonly Trial[], found: Found): string {
  const lines = trials.flatMap(({ defect }) =>
    (found[defect] ?? []).map(
      (row) =>
        `| ${defect} | ${shortName(row.check)} | ${row.theirs} | ${row.ours} | ${agrees(row) ? 'yes' : 'no'} |`,
    ),
  );
  return ['| defect | check | e2e.test | Squall | agree |', '| --- | --- | --- | --- | --- |', ...lines].join(
    '\n',
  );
}

const INTRODUCTION = `# Beside upstream's own conformance tests

Kubernetes tests itself with one program, \`e2e.test\`. On the reference lab, healthy and with one
[seeded defect](seeded-defects.md) at a time, it and our cases look at the same checks: those that our cases are
[labelled](generated/coverage.md) with and that a defect breaks, and some that it should leave alone. Both must fail the same ones.
Written by \`npx tsx bench/e2e-agreement/e2e-agreement.ts --write\`; the program is built or downloaded by that bench alone, with no lab.

- \`e2e.test\` is of the lab's own version of Kubernetes. Its waits for a whole cluster, before the first test and after each, are turned
  off by its own options: with a defect none would end. Each check is a process of its own with a limit; one that takes longer has failed.
- The lab reaches no registry. Upstream's agnhost is built from its sources and put onto the nodes under the names that \`e2e.test\`
  prints; it stands in for upstream's busybox, and its image with glibc and dig, as well.
- Upstream asks two nodes that it draws. Where one node is broken, the control nodes are cordoned while upstream looks, so
  that the broken one is always among the two. Ours ask every node, of the cluster as it is.
- A node without a kubelet has no row: upstream asks only nodes that are ready.
- Left out are names of which our case looks at more than upstream: for a policy and its binding upstream only makes, changes and
  deletes objects, ours has the API server ask the policy; and names of which upstream looks at more: its checks of Services also look
  their names up, and its pods without an account's token are compared with pods that have one.
`;

/** The page of the docs. */
export function pageOf(trials: readonly Trial[], found: Found): string {
  const made = trials.filter(({ defect }) => found[defect] !== undefined);
  const good = made.filter(({ defect }) => isAsItShouldBe(found[defect] ?? []));
  if (made.length === 0) return `${INTRODUCTION}\nNo trial was made on a lab yet.\n`;
  const alike = `Of ${trials.length} trials, the healthy cluster among them, ${made.length} were made; in ${good.length} both saw the same, and what the defect should show.`;
  return `${INTRODUCTION}\n${alike}\n\n${tableOf(made, found)}\n`;
}
