import { numberParameter, textParameter, type Probe } from './probe.ts';

export const http: Probe = {
  name: 'http',
  summary:
    'Does a GET of a path of the endpoint give the expected status, and a body that holds the expected text?',
  parameters: {
    path: {
      type: 'string',
      describe: "Path below the endpoint's URL, with its leading slash.",
      default: '/',
    },
    expect: {
      type: 'integer',
      describe: 'Status of a good answer.',
      default: 200,
      minimum: 100,
      maximum: 599,
    },
    holds: {
      type: 'string',
      describe: 'A text that the body of a good answer holds; absent: any body is good.',
    },
  },
  question(spec) {
    const { holds } = spec.parameters;
    return {
      kind: 'http',
      ask: {
        method: 'GET',
        path: textParameter(spec, 'path', '/'),
        headers: {},
        expect: [numberParameter(spec, 'expect', 200)],
        ...(typeof holds === 'string' ? { holds } : {}),
      },
    };
  },
};
