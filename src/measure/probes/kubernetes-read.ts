import { textParameter, type Probe } from './probe.ts';

const DEFAULT_PATH = '/api/v1/namespaces/default';

export const kubernetesRead: Probe = {
  name: 'kubernetes-read',
  summary: 'Does the Kubernetes API answer an authenticated read of an object, as `kubectl get` would?',
  parameters: {
    path: { type: 'string', describe: 'Path of the object or list that is read.', default: DEFAULT_PATH },
  },
  question: (spec) => ({
    kind: 'http',
    ask: {
      method: 'GET',
      path: textParameter(spec, 'path', DEFAULT_PATH),
      headers: { accept: 'application/json' },
      expect: [200],
    },
  }),
};
