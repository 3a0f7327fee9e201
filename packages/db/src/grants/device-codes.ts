import type { Database } from '../core/client.ts'
import type { FoundArtifact, NewArtifact } from './artifacts.ts'
import type { NewGrant } from './grants.ts'
import { grantInsertion, grantParameters } from './insertion.ts'

export interface FoundDeviceCode extends FoundArtifact {
  readonly digest: Uint8Array
}

/**
 * Finds the device code of an entered user code, by the possible digests of that code. Undefined if two devices show the
 * same user code, because it is ambiguous.
 */
export async function findDeviceCode({ $client }: Database, userCodes: readonly string[]) {
  const rows = await $client<FoundDeviceCode[]>`
    SELECT digest, payload, extract(epoch FROM consumed_at)::float8 AS "consumedAt"
    FROM oidc_artifacts WHERE user_code = ANY (${[...userCodes]}) AND model = 'DeviceCode' LIMIT 2`
  return rows.length === 1 ? rows[0] : undefined
}

/**
 * Advances an unanswered device code: `claim` assigns it to one browser, `error` answers it with an error. Returns false if
 * it was claimed or answered before. An answer is final.
 */
export async function advanceDeviceCode(
  { $client }: Database,
  artifact: NewArtifact,
  step: 'claim' | 'error',
): Promise<boolean> {
  const { count } = await $client`
    UPDATE oidc_artifacts SET payload = ${JSON.stringify(artifact.payload)}::jsonb
    WHERE model = 'DeviceCode' AND digest = ${artifact.digest} AND ${$client.unsafe(UNANSWERED)}
      AND (${step === 'error'}::boolean OR NOT payload ? 'inFlight')`
  return count === 1
}

/**
 * Approves a claimed device code and inserts its grant in the same statement. Returns false if the code was answered before,
 * or if the user, session, consent or client of the grant no longer allows it.
 */
export async function approveDeviceCode(
  { $client }: Database,
  grant: NewGrant,
  artifact: NewArtifact,
): Promise<boolean> {
  const { count } = await $client.unsafe(APPROVE, [
    artifact.digest,
    JSON.stringify(artifact.payload),
    grant.userId,
    ...grantParameters(grant),
  ])
  return count === 1
}

const UNANSWERED = `consumed_at IS NULL AND account_id IS NULL AND NOT payload ? 'error'`

const APPROVE = `
  WITH ${grantInsertion(4, {
    condition: 'EXISTS (SELECT FROM open)',
    more: `open AS (
      SELECT FROM account, client, oidc_artifacts code
      WHERE model = 'DeviceCode' AND digest = $1 AND ${UNANSWERED} AND payload ? 'inFlight' FOR UPDATE OF code
    ),`,
  })}
  UPDATE oidc_artifacts SET payload = $2::jsonb, grant_id = inserted.id, account_id = $3 FROM inserted
  WHERE model = 'DeviceCode' AND digest = $1`
