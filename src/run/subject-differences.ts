import type { Subject } from '../model/evidence.ts';

/** Lines of what stands in one subject and not in the other. */
export function subjectDifferences(before: Subject, after: Subject): readonly string[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}

function linesOf({ systems, images, charts, commit, values, given }: Subject): readonly string[] {
  return [
    ...(commit === undefined ? [] : [`commit ${commit}`]),
    ...charts.map(
      ({ name, version, revision }) =>
        `chart ${name} ${version}${revision === undefined ? '' : ` (revision ${revision})`}`,
    ),
    ...(values ?? []).map(({ file, digest }) => `values ${file} ${digest}`),
    ...Object.entries(given ?? {}).map(([name, value]) => `${name} ${value}`),
    ...systems.map(({ name, version, distribution }) => `system ${name} ${version} (${distribution})`),
    ...images.map((image) => `image ${image}`),
  ];
}
