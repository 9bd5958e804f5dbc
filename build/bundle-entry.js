// Puts the command line's front, its parser and the light commands into a few files: Node finds and compiles a hundred small
// files slowly, and the command line is started often. Everything heavy stays outside and loads when it is needed.
import { chmod, rm } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { build } from 'esbuild';

const PARSER = new Set(['yargs', 'cliui']);

/**
 * What is imported from `dist/src` when it is called for, and not before: all commands but `list`, and the labs. Errors are
 * imported at once, and from there too, so that there is one class of them.
 */
const LATE = /\/((commands|labs|adapters)\/|model\/errors\.js$)/;
const LIGHT = /\/commands\/list\.js$/;

const outdir = 'dist/cli';

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: { squall: 'dist/src/entries/squall.js' },
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  outExtension: { '.js': '.mjs' },
  banner: {
    js: "import{createRequire as __require}from'node:module';const require=__require(import.meta.url);",
  },
  plugins: [
    {
      name: 'front-only',
      setup(bundle) {
        bundle.onResolve({ filter: LATE }, ({ path, resolveDir }) =>
          path.startsWith('.') && !LIGHT.test(path)
            ? { path: relative(outdir, resolve(resolveDir, path)), external: true }
            : undefined,
        );
        bundle.onResolve({ filter: /^[^./]/ }, ({ path, resolveDir }) =>
          resolveDir.includes('node_modules') || PARSER.has(path) ? undefined : { path, external: true },
        );
        // The parser lays out its help and our tables of plain ASCII; measuring them by grapheme costs a third of the start.
        bundle.onLoad({ filter: /node_modules\/string-width\/index\.js$/ }, () => ({
          contents: 'export default (text) => text.length;',
        }));
      },
    },
  ],
});
await chmod(`${outdir}/squall.mjs`, 0o755);
