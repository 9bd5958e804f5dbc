/** Options that every command understands, as the parser hands them on; absent when neither typed nor in a SQUALL_ variable. */
export interface SharedArguments {
  readonly lab?: string;
  readonly seed?: string;
  readonly set?: readonly string[];
  readonly outputDir?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly output?: 'table' | 'json';
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly osCloud?: string;
  readonly logLevel?: LogLevel;
}

export type LogLevel = 'silent' | 'warn' | 'info' | 'debug';
