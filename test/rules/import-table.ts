interface Row {
  /** Folders of `src` that may be imported, or single files where the folder has one door. */
  readonly folders: readonly string[];
  /** npm packages that may be imported; Node's own modules are free. */
  readonly libraries: readonly string[];
}

const STAGES = ['plan', 'topology', 'conformance', 'chaos', 'measure', 'analysis', 'verdict', 'report'];

/**
 * Which folder may import what. Type-only imports count. To change what a folder is for, change its row, and say why in the
 * commit; to reach something in a hurry, put a value into `model` or an interface into `ports` instead.
 */
export const IMPORT_TABLE: Readonly<Record<string, Row>> = {
  'src/model': { folders: [], libraries: [] },
  'src/ports': { folders: ['src/model'], libraries: [] },
  'src/plan': { folders: ['src/model'], libraries: ['yaml', 'zod', 'fastest-levenshtein'] },
  'src/analysis': { folders: ['src/model'], libraries: [] },
  'src/verdict': { folders: ['src/model'], libraries: [] },
  'src/topology': { folders: ['src/model', 'src/ports'], libraries: ['yaml'] },
  'src/chaos': { folders: ['src/model', 'src/ports'], libraries: [] },
  'src/conformance': {
    folders: ['src/model', 'src/ports'],
    libraries: ['mocha', 'chai', 'allure-mocha', 'allure-js-commons', 'p-queue', 'zod'],
  },
  'src/measure': { folders: ['src/model', 'src/ports'], libraries: ['undici', 'hyparquet-writer'] },
  'src/report': {
    folders: ['src/model', 'src/ports'],
    libraries: [
      'preact',
      'preact-render-to-string',
      'junit-report-builder',
      'picocolors',
      'console-table-printer',
      'zod',
    ],
  },
  'src/custody': { folders: ['src/model', 'src/ports'], libraries: [] },
  'src/run': {
    folders: [...STAGES.map((stage) => `src/${stage}`), 'src/custody', 'src/model', 'src/ports'],
    libraries: [],
  },
  'src/adapters/kubernetes': {
    folders: ['src/model', 'src/ports'],
    libraries: ['@kubernetes/client-node', 'undici', 'yaml'],
  },
  'src/adapters/openstack': { folders: ['src/model', 'src/ports'], libraries: ['got', 'yaml'] },
  'src/adapters/tempest': { folders: ['src/model', 'src/ports'], libraries: [] },
  'src/adapters/system': {
    folders: ['src/model', 'src/ports'],
    libraries: [],
  },
  'src/adapters/parts': { folders: ['src/model', 'src/ports'], libraries: ['undici', 'yaml', 'zod'] },
  'src/adapters/helm': { folders: ['src/model', 'src/ports'], libraries: [] },
  'src/adapters/podman': { folders: ['src/model', 'src/ports'], libraries: [] },
  'src/adapters/linux-host': { folders: ['src/model', 'src/ports'], libraries: [] },
  'src/labs/reference': { folders: ['src/model', 'src/ports', 'src/adapters'], libraries: [] },
  'src/labs/rehearsal': {
    folders: ['src/model', 'src/ports', 'src/adapters', 'src/rehearsal'],
    libraries: [],
  },
  'src/labs/existing': { folders: ['src/model', 'src/ports', 'src/adapters'], libraries: [] },
  'src/rehearsal': { folders: ['src/model'], libraries: ['find-my-way'] },
  'src/entries': {
    folders: ['src'],
    libraries: ['yargs', 'cliui', 'log-update', 'picocolors', 'zod', 'yaml', 'cli-truncate'],
  },
  suites: { folders: ['src/conformance/index.ts'], libraries: [] },
};
