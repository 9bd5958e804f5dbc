import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ReplicaContext } from '../replica.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What a token says. It carries all of it, as a Fernet token with a warm cache does: no service asks Keystone about it. */
export interface Token {
  readonly user: Named;
  readonly project?: Named;
  readonly domain?: Named;
  readonly system?: boolean;
  readonly roles: readonly string[];
  readonly methods: readonly string[];
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly audit: string;
  readonly applicationCredential?: string;
}

/** Whose request it is where no token is asked for. */
export const NOBODY: Token = {
  user: { id: '', name: '' },
  roles: [],
  methods: [],
  issuedMs: 0,
  expiresMs: 0,
  audit: '',
};

/** Keystone's default `[token] expiration`, one hour. */
export const TOKEN_LIFE_MS = 3_600_000;

const PREFIX = 'gAAAAAB';

// All replicas must agree on the key without a message between them, so it comes from the seed's admin password.
const keyOf = (context: ReplicaContext): Buffer =>
  createHash('sha256').update(`token key ${context.adminPassword}`).digest();

const seal = (context: ReplicaContext, text: string): string =>
  createHmac('sha256', keyOf(context)).update(text).digest('base64url');

export function writeToken(context: ReplicaContext, token: Token): string {
  const text = Buffer.from(JSON.stringify(token)).toString('base64url');
  return `${PREFIX}${text}_${seal(context, text)}`;
}

/** undefined when it is not one of ours, was changed, or has expired. */
export function readToken(context: ReplicaContext, text: string): Token | undefined {
  if (!text.startsWith(PREFIX) || text.length < PREFIX.length + 45) return undefined;
  const payload = text.slice(PREFIX.length, -44);
  const given = Buffer.from(text.slice(-43));
  const right = Buffer.from(seal(context, payload));
  if (text.at(-44) !== '_' || given.length !== right.length || !timingSafeEqual(given, right))
    return undefined;
  const token = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Token;
  return token.expiresMs > context.nowMs() ? token : undefined;
}
