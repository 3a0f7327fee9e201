import {
  type ApiKeyId,
  type Channel,
  type ChannelOptions,
  type ConnectOptions,
  connect,
  type Database,
  newId,
  type OrganizationId,
  openChannel,
  type UserId,
  waitUntilFresh,
} from '@daytona-auth/db/core'
import { peopleOf, type Scope, type TestDatabase, testDatabase, waitFor } from '@daytona-auth/testing'
import { type TokenSigner, tokenSigner } from '@daytona-auth/testing/token-signer'
import type { JWTHeaderParameters, JWTPayload } from 'jose'
import { mintKey } from '../src/credential/api-key.ts'
import { createVerifier, type Verifier, type VerifierOptions } from '../src/verification/verifier.ts'

export const ISSUER = 'https://api.example.com'
export const AUDIENCE = 'https://api.example.com'
export const ADDRESS = '192.0.2.1'

export type World = Awaited<ReturnType<typeof world>>

/** A key with its text and its identifiers. */
export interface TestKey {
  readonly id: ApiKeyId
  readonly key: string
  readonly digest: Buffer
  readonly hint: string
}

const QUIET = { info() {}, warn() {} }

/**
 * A database whose rows are written in SQL, as with psql, so that results do not depend on our own statements.
 */
export async function world(scope: Scope) {
  const { database, url, asAdministrator, name }: TestDatabase = await testDatabase(scope)
  const { $client: sql } = database

  const people = peopleOf(database)

  const secret = async (keyId: ApiKeyId, expiresAt: Date | null = null) => {
    const minted = mintKey()
    await people.secret(keyId, { digest: minted.digest, hint: minted.hint, expiresAt })
    return minted
  }

  const key = async (
    owner: UserId,
    home: OrganizationId,
    options: Parameters<typeof people.key>[2] = {},
  ): Promise<TestKey> => {
    const id = await people.key(owner, home, options)
    return { id, ...(await secret(id)) }
  }

  return {
    ...people,
    database,
    url,
    sql,
    name,
    asAdministrator,
    secret,
    key,
    signer: tokenSigner,
    publish: people.signingKey,
  }
}

/** Returns the claims that our provider issues; a member that is `undefined` is omitted. */
export function claimsOf(
  { userId, clientId, grantId }: { userId: string; clientId: string; grantId: string },
  more: JWTPayload = {},
): JWTPayload {
  const iat = Math.floor(Date.now() / 1000)
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: userId,
    client_id: clientId,
    gid: grantId,
    jti: newId('evt'),
    scope: 'openid',
    iat,
    exp: iat + 3600,
    ...more,
  }
}

export const sign = (signer: TokenSigner, payload: JWTPayload, header: Partial<JWTHeaderParameters> = {}) =>
  // Tests make signers of one's kid and another's key.
  signer.sign(payload, { kid: signer.kid, alg: signer.alg, ...header }, { key: signer.privateKey })

export interface TestVerifier {
  readonly verifier: Verifier
  readonly channel: Channel
  readonly database: Database
  /** Resolves when every change committed before the call has been notified. */
  caughtUp(): Promise<void>
}

/**
 * Longer than a machine under load does not run a process: what is cached stays cached, and a look-up is not given up. Tests of
 * what happens then set shorter times.
 */
const STALE_AFTER_MS = 60_000
const TIMEOUT_MS = 20_000

/** Starts the verification of a process: its own pool, channel and cache. */
export async function verifierOn(
  scope: Scope,
  url: string,
  {
    listen = {},
    settings,
    ...options
  }: Partial<Omit<VerifierOptions, 'channel'>> & {
    listen?: Partial<ChannelOptions>
    settings?: ConnectOptions['settings']
  } = {},
): Promise<TestVerifier> {
  const { timeoutMs = TIMEOUT_MS } = options
  const database = connect(url, {
    max: 4,
    applicationName: 'auth test',
    silenceTimeoutSeconds: timeoutMs / 1000,
    ...(settings && { settings }),
  })
  const channel = openChannel({ url, heartbeatMs: 50, staleAfterMs: STALE_AFTER_MS, ...listen })
  const verifier = createVerifier({
    database,
    channel,
    logger: QUIET,
    issuer: ISSUER,
    audience: AUDIENCE,
    unknownPerMinute: 1000,
    timeoutMs,
    ...options,
  })
  scope.after(async () => {
    verifier.close()
    await channel.close()
    await database.$client.end({ timeout: 0 })
  })
  await waitUntilFresh(channel)
  await verifier.start()
  return { verifier, channel, database, caughtUp: () => caughtUp(channel, database) }
}

async function caughtUp(channel: Channel, database: Database): Promise<void> {
  const mark = newId('grant')
  let isReceived = false
  const stop = channel.subscribe((event) => {
    if (event.kind === 'grant' && event.id === mark) isReceived = true
  })
  // Again and again: a connection that is lost at this moment loses the notification.
  await waitFor(async () => {
    if (!isReceived) await database.$client.notify('daytona_auth', `grant:${mark}`)
    return isReceived
  })
  stop()
}
