import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { describeError, HarnessError } from '../model/errors.ts';
import type { GivenSubject } from '../model/evidence.ts';

const HOW = 'Write commit=<id>, chart=<name>@<version>, image=<name>, values=<file>, or a name of your own.';

/**
 * What the user says of what is tested: `--subject` once for each, or several with white space between them, as
 * `SQUALL_SUBJECT` has them.
 * @throws SQ_USAGE for what is not `name=value`, or a file that cannot be read.
 */
export async function readGivenSubject(texts: readonly string[]): Promise<GivenSubject> {
  const said = texts.flatMap((text) => text.split(/\s+/)).filter((text) => text !== '');
  const images: string[] = [];
  const charts: { name: string; version: string }[] = [];
  const values: { file: string; digest: string }[] = [];
  const given: Record<string, string> = {};
  let commit: string | undefined;
  for (const text of said) {
    const [, name, value] = /^([A-Za-z][\w.-]*)=(.+)$/.exec(text) ?? refuse(text);
    if (name === undefined || value === undefined) refuse(text);
    else if (name === 'commit') commit = value;
    else if (name === 'image') images.push(value);
    else if (name === 'chart') charts.push(readChart(value, text));
    else if (name === 'values') values.push({ file: basename(value), digest: await digestOf(value) });
    else given[name] = value;
  }
  return {
    ...(commit === undefined ? {} : { commit }),
    images,
    charts,
    values,
    given,
  };
}

function refuse(text: string): never {
  throw new HarnessError('SQ_USAGE', `--subject takes name=value, not ${text}.`, { remedy: HOW });
}

function readChart(value: string, text: string): { readonly name: string; readonly version: string } {
  const [, name, version] = /^([^@]+)@([^@]+)$/.exec(value) ?? [];
  if (name === undefined || version === undefined) refuse(text);
  return { name, version };
}

async function digestOf(file: string): Promise<string> {
  try {
    return `sha256:${createHash('sha256')
      .update(await readFile(file))
      .digest('hex')}`;
  } catch (error) {
    throw new HarnessError('SQ_USAGE', `The values ${file} cannot be read: ${describeError(error)}.`, {
      cause: error,
    });
  }
}
