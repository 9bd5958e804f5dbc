/** What the parser did not take, in its own words; `explainCommandLine` says it in ours. */
export class NotTaken extends Error {}
