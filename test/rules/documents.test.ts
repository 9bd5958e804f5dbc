import { existsSync, readFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { COMMANDS } from '../../src/entries/command-table.ts';
import { SHARED_OPTIONS } from '../../src/entries/shared-options.ts';
import { USER_FILE_KEYS } from '../../src/entries/user-file.ts';
import { trackedFiles } from './tracked-files.ts';

const documents = trackedFiles(/\.md$/)
  .filter((file) => !file.startsWith('reports/'))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

/** As the renderers of Markdown make it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .trim()
    .replaceAll(' ', '-');

const anchorsIn = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

function brokenLink(file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? file : normalize(`${dirname(file)}/${path}`);
  if (!existsSync(target)) return true;
  return anchor !== undefined && target.endsWith('.md') && !anchorsIn(target).includes(anchor);
}

const commands = new Map(COMMANDS.map((command) => [command.usage.split(' ')[0] ?? '', command]));

/** Every line in which the command line is called, from its name on to the end of the code that it stands in. */
function callsIn(text: string): readonly string[] {
  const spans = [...text.matchAll(/`(?:npx )?squall ([a-z][^`\n]*)`/g)].map(([, call = '']) => call);
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    [...block.matchAll(/\bsquall ([a-z].*)$/gm)].map(([, call = '']) => call.replace(/\s#.*$/, '')),
  );
  return [...spans, ...blocks];
}

function wrongCall(call: string): string | undefined {
  const [name = ''] = call.split(/[\s,|]/);
  const command = commands.get(name);
  if (command === undefined) return name === 'completion' ? undefined : `there is no command ${name}`;
  const known = new Set([...Object.keys(SHARED_OPTIONS), ...Object.keys(command.options), 'help', 'version']);
  const flag = [...call.matchAll(/\s--([a-z-]+)/g)]
    .map(([, each = '']) => each)
    .find((each) => !known.has(each));
  return flag === undefined ? undefined : `squall ${name} has no option --${flag}`;
}

describe('documents', () => {
  it('link to what is there', () => {
    const broken = documents.flatMap(({ file, text }) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !link.startsWith('http') && brokenLink(file, link))
        .map((link) => `${file}: ${link}`),
    );
    expect(broken.join('\n')).to.equal('');
  });

  it('call commands and options that there are', () => {
    const wrong = documents.flatMap(({ file, text }) =>
      callsIn(text).flatMap((call) => {
        const says = wrongCall(call);
        return says === undefined ? [] : [`${file}: \`squall ${call}\`: ${says}`];
      }),
    );
    expect(wrong.join('\n')).to.equal('');
    expect(documents.flatMap(({ text }) => callsIn(text)).length).to.be.at.least(50);
  });

  it('tell of every setting', () => {
    const settings = readFileSync('docs/settings.md', 'utf8');
    const told = (name: string): boolean =>
      settings.includes(`\`${name}\``) || settings.includes(`\n${name}:`);
    expect(Object.keys(SHARED_OPTIONS).filter((name) => !told(`--${name}`))).to.deep.equal([]);
    expect(USER_FILE_KEYS.filter((name) => !told(name))).to.deep.equal([]);
  });
});
