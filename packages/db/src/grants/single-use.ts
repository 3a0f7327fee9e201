import type { Database } from '../core/client.ts'
import type { ArtifactKey } from './artifacts.ts'

/**
 * Marks an artifact without a grant consumed. Returns false, without any change, if it was consumed before or does not exist:
 * of concurrent requests, one wins.
 */
export async function consumeOnce({ $client }: Database, { model, digest }: ArtifactKey): Promise<boolean> {
  const { count } = await $client`
    UPDATE oidc_artifacts SET consumed_at = now()
    WHERE model = ${model} AND digest = ${digest} AND consumed_at IS NULL`
  return count === 1
}

/** A value that is accepted once. */
export interface SingleUse extends ArtifactKey {
  readonly clientId: string
  /** When it need not be remembered any more, in seconds since the epoch. */
  readonly expiresAt: number
}

/** Remembers a value. Returns false if it was remembered before: of concurrent requests, one wins. */
export async function insertOnce(
  { $client }: Database,
  { model, digest, clientId, expiresAt }: SingleUse,
): Promise<boolean> {
  const { count } = await $client`
    INSERT INTO oidc_artifacts (model, digest, payload, client_id, expires_at)
    VALUES (${model}, ${digest}, '{}', ${clientId}, to_timestamp(${expiresAt}::float8))
    ON CONFLICT (model, digest) DO NOTHING`
  return count === 1
}
