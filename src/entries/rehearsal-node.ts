import { writeToLog } from '../rehearsal/machine/write-to-log.ts';
import { runMachine } from '../rehearsal/machine/run-machine.ts';

// `rehearsal-node <lab folder> <node>`: started by the lab, in a session of its own.
process.on('uncaughtException', writeToLog);
await runMachine(process.argv[2] ?? '', process.argv[3] ?? '');
