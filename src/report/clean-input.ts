import { stripVTControlCharacters } from 'node:util';
import { maskSecrets, Secret } from '../model/secret.ts';
import type { ReportInput } from './reporter.ts';

const MASK = '***';

/**
 * Credentials that are known by their shape. The harness masks the values that it knows where they enter; this is the second
 * line of defence, for those that a server or a suite put into a message. Sources of the shapes: RFC 6750 (Bearer) and RFC 7617
 * (Basic), RFC 7519 (a JSON Web Token starts with `eyJ`), Keystone's Fernet tokens (start with `gAAAA`), RFC 3986 section 3.2.1
 * (user information in a URL), and the field names of clouds.yaml and of the Kubernetes and OpenStack APIs.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${MASK}`],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}/g, MASK],
  [/\bgAAAA[\w=-]{16,}/g, MASK],
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@:]{0,200}:[^\s/@]{1,200}@/gi, `$1${MASK}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [
    /((?:x-(?:auth|subject|service)-token|password|passwd|secret|client-key-data|application_credential_secret|access_token|api[-_]?key|token)["']?\s*[:=]\s*["']?)(?!\*\*\*)[^\s"',;&}]{4,}/gi,
    `$1${MASK}`,
  ],
];

/**
 * C0 and C1 control characters except tab and line feed, marks that reorder text, and what XML 1.0 has no place for (lone
 * surrogates among it).
 */
const REFUSED = /(?![\t\n])[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/** Fields whose value is a credential whatever it looks like. */
const SECRET_FIELD = /^(?:.*password|.*secret|.*[-_]?token|client-key-data|authorization)$/i;

/** A text that may stand in any report: secrets masked, terminal escapes and control characters gone, well-formed. */
export function cleanText(text: string, secrets: readonly Secret[] = []): string {
  let clean = stripVTControlCharacters(maskSecrets(text, secrets)).replace(REFUSED, '');
  for (const [shape, mask] of SHAPES) clean = clean.replace(shape, mask);
  return clean;
}

function cleanValue(value: unknown, secrets: readonly Secret[]): unknown {
  if (typeof value === 'string') return cleanText(value, secrets);
  if (value instanceof Secret) return MASK;
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      // Samples are by far the most of a run, and hold numbers and fixed words only.
      if (key === 'samples' && Array.isArray(item)) return [key, item];
      if (typeof item === 'string' && SECRET_FIELD.test(key)) return [key, MASK];
      return [cleanText(key, secrets), cleanValue(item, secrets)];
    }),
  );
}

/** The input with every text in it clean, so that a reporter has only its own format's escaping to think of. */
export function cleanInput(input: ReportInput, secrets: readonly Secret[]): ReportInput {
  return cleanValue(input, secrets) as ReportInput;
}
