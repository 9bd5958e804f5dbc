import { runAddress } from '../rehearsal/front/run-address.ts';

// `rehearsal-address <lab folder>`: started by the lab, in a session of its own.
process.on('uncaughtException', (error) => console.error(error));
await runAddress(process.argv[2] ?? '');
