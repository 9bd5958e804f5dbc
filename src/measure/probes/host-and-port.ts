const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

/** Where a URL leads below HTTP: an address without its brackets, and the port that its scheme stands for where it names none. */
export function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const url = new URL(text);
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}
