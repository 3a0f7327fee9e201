import { connect } from '@daytona-auth/db/core'
import { listSigningKeys, type SigningKeyRow } from '@daytona-auth/db/signing-keys'
import { databaseFault, type Finding } from '@daytona-auth/service'
import { hasSqlState } from '@daytona-auth/service/sql-state'
import { rotationPace } from '@daytona-auth/signing-keys/rotation-schedule'
import { keyWrapping } from '@daytona-auth/signing-keys/wrap'
import { keyStates } from '../signing-keys/key-states.ts'
import type { ReadConfig } from './read-config.ts'

const OLD_DAYS = 90
const DAY_SECONDS = 24 * 60 * 60
const check = 'signing keys'

/** Checks the age of active keys, whether a rotation has stopped, and whether the provider can decrypt them. */
export async function examineSigningKeys(config: ReadConfig): Promise<Finding[]> {
  if (config.DATABASE_URL === undefined) return []
  const database = connect(config.DATABASE_URL, { max: 1, applicationName: 'daytona-auth doctor' })
  try {
    return await examineKeys(await listSigningKeys(database), config)
  } catch (error) {
    // The check of the database reports that it is unreachable or not migrated.
    if (databaseFault(error) || hasSqlState(error, 'undefined_table')) return []
    throw error
  } finally {
    void database.$client.end({ timeout: 1 })
  }
}

async function examineKeys(
  keys: readonly SigningKeyRow[],
  { lifetimes, SIGNING_KEYS_SECRET }: ReadConfig,
): Promise<Finding[]> {
  const active = keys.filter(({ status }) => status === 'active')
  if (active.length === 0) {
    return [
      { check, severity: 'warning', what: 'there are no keys yet', remedy: 'start a provider, which creates them' },
    ]
  }
  const findings: Finding[] = active.map(({ kid, alg, ageSeconds }) => {
    const days = Math.floor(ageSeconds / DAY_SECONDS)
    const what = `${kid} (${alg}) has signed for ${days} days`
    if (days <= OLD_DAYS) return { check, severity: 'ok', what }
    return { check, severity: 'warning', what, remedy: 'replace it: daytona-auth signing-keys rotate' }
  })
  const late = lifetimes ? keyStates(keys, rotationPace(lifetimes)).filter(({ isOverdue }) => isOverdue) : []
  for (const { kid } of late) {
    const what = `the rotation of ${kid} has stopped`
    findings.push({
      check,
      severity: 'warning',
      what,
      remedy: 'start a provider whose SIGNING_KEYS_SECRET opens every key',
    })
  }
  if (SIGNING_KEYS_SECRET) findings.push(...(await unopened(keys, SIGNING_KEYS_SECRET)))
  return findings
}

async function unopened(keys: readonly SigningKeyRow[], secrets: readonly [string, ...string[]]): Promise<Finding[]> {
  const wrapping = keyWrapping(secrets)
  const findings: Finding[] = []
  for (const { kid, privateJwk } of keys) {
    if (await wrapping.open(privateJwk)) continue
    const what = `SIGNING_KEYS_SECRET does not open ${kid}`
    findings.push({
      check,
      severity: 'error',
      what,
      remedy: 'append the secret that it was encrypted with, after a comma',
    })
  }
  return findings
}
