import { maskSecrets, type Secret } from '../../model/secret.ts';

/** The lines of Tempest's log that tell of a call: status, method, address, time. Other lines hold whole requests. */
const CALL = /Request \([^)]*\): (\d{3} [A-Z]+ \S+ [\d.]+s)/;

/** More calls than the last so many help nobody who looks for the one that failed. */
const MOST_CALLS = 60;

/** Longer is no reason any more, and stands whole in the traceback. */
const LONGEST_REASON = 600;

/** Text that looks like a token: of Keystone (Fernet), or signed. */
const TOKENS = /\b(gAAAAA[\w-]{20,}={0,2}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)/g;

/** A field whose value is nobody's business, as Python and JSON write it; a password of a test's own user, say. */
const FIELDS =
  /((?:['"][\w-]*(?:password|passwd|adminpass|secret|token|private_key)['"])\s*[:=]\s*)(?:'[^']*'|"[^"]*")/gi;

/** The credentials, and whatever looks like some. */
export function createMask(secrets: readonly Secret[]): (text: string) => string {
  return (text) => maskSecrets(text, secrets).replace(TOKENS, '***').replace(FIELDS, "$1'***'");
}

/** What the last traceback of a text ends with, on one line: the exception and what it says. */
export function lastError(traceback: string): string {
  const lines = traceback.split('\n').map((line) => line.trimEnd());
  const last = lines.findLastIndex((line) => line.startsWith('Traceback (most recent call last)'));
  const at = lines.findIndex((line, index) => index > last && /^\S/.test(line));
  const says = (at === -1 ? lines : lines.slice(at)).filter((line) => line.trim() !== '').join(' ');
  return says.length > LONGEST_REASON ? `${says.slice(0, LONGEST_REASON)}...` : says;
}

/** The calls that a test made, from its log. */
export function callsIn(log: string): readonly string[] {
  const calls = log.split('\n').flatMap((line) => CALL.exec(line)?.[1] ?? []);
  return calls.slice(-MOST_CALLS).map((call) => call.replace(/\?\S*/, '?...'));
}
