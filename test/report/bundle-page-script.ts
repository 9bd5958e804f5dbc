import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

/** Where the page's script is kept once it is bundled: a run renders pages without a bundler at hand. */
export const PAGE_SCRIPT_FILE = 'src/report/page/page-script.ts';

/** Bundles `src/report/browser` into the module that the page takes its script from. */
export async function bundlePageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['src/report/browser/main.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    // Nothing but ASCII, so that no encoding can change the text that the policy's hash was made of.
    charset: 'ascii',
    legalComments: 'none',
    tsconfigRaw: {},
    write: false,
  });
  const text = outputFiles[0]?.text.trim() ?? '';
  return format(
    `/** Made from \`src/report/browser\` by \`SQUALL_WRITE_GENERATED=1 npm test\`; do not edit. */\nexport const PAGE_SCRIPT = ${JSON.stringify(text)};\n`,
    { ...(await resolveConfig(PAGE_SCRIPT_FILE)), parser: 'typescript' },
  );
}
