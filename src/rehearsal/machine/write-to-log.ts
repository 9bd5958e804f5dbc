import { inspect } from 'node:util';

/** Tells the log of this process what nobody expected; it lies in the folder of the lab. */
export const writeToLog = (error: unknown): void => void process.stderr.write(`${inspect(error)}\n`);
