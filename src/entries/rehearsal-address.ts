import { writeToLog } from '../rehearsal/machine/write-to-log.ts';
import { runAddress } from '../rehearsal/front/run-address.ts';

// `rehearsal-address <lab folder>`: started by the lab, in a session of its own.
process.on('uncaughtException', writeToLog);
await runAddress(process.argv[2] ?? '');
