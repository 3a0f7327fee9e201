import { isPermission } from '@daytona-auth/auth'
import type { AuditedTx } from '@daytona-auth/db/audit'
import type { Database } from '@daytona-auth/db/core'
import { endSession } from '@daytona-auth/db/grants'
import { endUserSession } from '@daytona-auth/db/users'
import type { Route } from '../routes.ts'
import type { Scene as WritingScene } from '../writing-scene.ts'

export type Sql = Database['$client']

export interface Scene extends WritingScene {
  /** The browser session that the token's grant belongs to. */
  readonly sessionUid: string
}

/** Ends what authorizes a request, in the transaction of the test. */
export type Ending = (scene: Scene, tx: Sql, audited: AuditedTx) => Promise<unknown>

const OF_USER: Record<string, Ending> = {
  'the user is disabled': ({ caller }, tx) => tx`UPDATE users SET disabled_at = now() WHERE id = ${caller.userId}`,
}
const OF_MEMBER: Record<string, Ending> = {
  'the membership is removed': ({ caller, organization }, tx) =>
    tx`DELETE FROM organization_members WHERE user_id = ${caller.userId} AND organization_id = ${organization}`,
}
const OF_ROLE: Record<string, Ending> = {
  'the role is narrowed': ({ caller, organization }, tx) =>
    tx`UPDATE organization_members SET role = 'member' WHERE user_id = ${caller.userId} AND organization_id = ${organization}`,
}
const OF_TOKEN: Record<string, Ending> = {
  'the session is ended by a sign-out': ({ sessionUid }, _tx, audited) => endSession(audited, sessionUid, 'signed out'),
  'the session is ended from elsewhere': ({ caller, sessionUid }, _tx, audited) =>
    endUserSession(audited, caller.userId, sessionUid, 'session ended'),
  // A grant of a browser session expires at the latest when the session does.
  'the session reaches its absolute end': async ({ sessionUid }, tx) => {
    await tx`UPDATE grants SET expires_at = now() - interval '1 s' WHERE session_uid = ${sessionUid}`
    await tx`UPDATE oidc_artifacts SET expires_at = now() - interval '1 s' WHERE model = 'Session' AND uid = ${sessionUid}`
  },
  'the grant is revoked': ({ token }, tx) => tx`UPDATE grants SET revoked_at = now() WHERE id = ${token.grantId}`,
}
const OF_KEY: Record<string, Ending> = {
  'the key is revoked': ({ key }, tx) =>
    tx`UPDATE api_keys SET status = 'revoked', revoked_at = now() WHERE id = ${key.id}`,
  'the key is expired': ({ key }, tx) =>
    tx`UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE id = ${key.id}`,
  'the secret has ended': ({ key }, tx) =>
    tx`UPDATE api_key_secrets SET expires_at = '-infinity' WHERE key_id = ${key.id}`,
}

/** A superseded secret under grace can still use resources but cannot manage anything. */
const OF_MANAGEMENT: Record<string, Ending> = {
  'the secret is superseded': ({ key }, tx) =>
    tx`UPDATE api_key_secrets SET expires_at = now() + interval '1 day' WHERE key_id = ${key.id}`,
}

const RESOURCES = new Set(['write:sandboxes', 'write:snapshots', 'write:volumes', 'write:registries'])

/** A request and what ends while it is sent. */
export interface Case {
  readonly route: Route
  readonly kind: 'token' | 'key'
  readonly name: string
  readonly end: Ending
}

/** Everything that can end for a request of this credential to a route. */
export function listCases(route: Route, kind: Case['kind']): Case[] {
  if (kind === 'key' && route.access === 'person') return []
  const inOrganization = route.namesOrganization || route.takesOrganization
  const endings = {
    ...OF_USER,
    ...(inOrganization && OF_MEMBER),
    ...(isPermission(route.access) && OF_ROLE),
    ...(kind === 'token' ? OF_TOKEN : OF_KEY),
    ...(kind === 'key' && !RESOURCES.has(route.access) && OF_MANAGEMENT),
  }
  return Object.entries(endings).map(([name, end]) => ({ route, kind, name, end }))
}

/** The cases of the quick tests: one of each list, so that every ending occurs. The others are slow. */
export const isQuick = (place: number, index: number, count: number): boolean => index === place % count
