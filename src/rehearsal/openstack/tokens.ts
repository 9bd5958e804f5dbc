import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ReplicaContext } from '../replica.ts';

/** What a token says. It carries all of it, as a Fernet token with a warm cache does: no service asks Keystone about it. */
export interface Token {
  readonly user: { readonly id: string; readonly name: string };
  readonly project?: Token['user'];
  readonly roles: readonly string[];
  readonly methods: readonly string[];
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly audit: string;
}

/** Keystone's default `[token] expiration`, one hour. */
export const TOKEN_LIFE_MS = 3_600_000;

// All replicas must agree on the key without a message between them, so it comes from the seed's admin password.
const seal = ({ adminPassword }: ReplicaContext, payload: string): string =>
  createHmac('sha256', `token key ${adminPassword}`).update(payload).digest('base64url');

export function writeToken(context: ReplicaContext, token: Token): string {
  const payload = Buffer.from(JSON.stringify(token)).toString('base64url');
  return `gAAAAAB${payload}.${seal(context, payload)}`;
}

/** undefined when it is not one of ours, was changed, or has expired. */
export function readToken(context: ReplicaContext, text = ''): Token | undefined {
  const [, payload = '', given = ''] = /^gAAAAAB([\w-]+)\.([\w-]{43})$/.exec(text) ?? [];
  if (given === '' || !timingSafeEqual(Buffer.from(given), Buffer.from(seal(context, payload))))
    return undefined;
  const token = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Token;
  return token.expiresMs > context.nowMs() ? token : undefined;
}
