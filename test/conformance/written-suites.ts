import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SuiteFile } from '../../src/model/conformance.ts';

// The same module that a lane of this very build loads: TypeScript from the sources, JavaScript from what was compiled.
const DOOR = new URL(
  import.meta.url.endsWith('.ts') ? '../../src/conformance/index.ts' : '../../src/conformance/index.js',
  import.meta.url,
);

/** Suite files in a temporary folder. A body may use `expect` and the verbs of `define`. */
export class WrittenSuites {
  readonly folder = mkdtempSync(join(tmpdir(), 'squall-suites-'));

  /** @param define what stands inside `({ it, before, ... }) => { ... }`. */
  write(name: string, define: string, top = ''): SuiteFile {
    const path = join(this.folder, `${name}.suite.mjs`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      `import { expect, suite } from '${DOOR.href}';\n${top}\n` +
        `suite('${name}', { title: '${name}' }, ({ it, before, after, beforeEach, afterEach, shared }) => {\n${define}\n});\n`,
    );
    return { name, path };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
