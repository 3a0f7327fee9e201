import type { Database } from './client.ts'
import { grantInsertion, grantParameters } from './grant-insertion.ts'
import type { NewGrant } from './grants.ts'
import type { FoundArtifact, NewArtifact } from './oidc-artifacts.ts'

export interface FoundDeviceCode extends FoundArtifact {
  readonly digest: Uint8Array
}

/**
 * The device code that a person has typed the user code of, by that code's possible digests. None where two devices
 * happen to show the same code: nobody could say which of them is meant.
 */
export async function findDeviceCode({ $client }: Database, userCodes: readonly string[]) {
  const rows = await $client<FoundDeviceCode[]>`
    SELECT digest, payload, extract(epoch FROM consumed_at)::float8 AS "consumedAt"
    FROM oidc_artifacts WHERE user_code = ANY (${[...userCodes]}) AND model = 'DeviceCode' LIMIT 2`
  return rows.length === 1 ? rows[0] : undefined
}

/**
 * Moves a device code on that nobody has answered yet: `claim` it for one browser, or answer it with an `error`. False
 * when it was claimed or answered before; what is answered stays so.
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
 * Approves a claimed device code under a grant that is born in the same statement. False when it was answered before, or
 * what the grant would come from has been taken back.
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
