import { type Database, findApiKeyFacts } from '@daytona-auth/db'
import { refused } from './answer.ts'
import type { Found, Subject } from './cache.ts'
import { apiKeyAnswer } from './effective.ts'

const UNKNOWN: Found = Object.freeze({ answer: refused('api-key', 'unknown'), subjects: Object.freeze([]) })

/**
 * What the database says of a key. A revoked one is kept like a good one, with what it depends on; an unknown one
 * depends on nothing that there is.
 */
export async function findKey(database: Database, digest: Uint8Array): Promise<Found> {
  const facts = await findApiKeyFacts(database.$client, digest)
  if (!facts) return UNKNOWN
  const subjects: Subject[] = [`key:${facts.keyId}`, `user:${facts.user.id}`]
  // What kills the parent kills the child, in the same transaction: whoever forgets the one forgets the other.
  if (facts.parentKeyId) subjects.push(`key:${facts.parentKeyId}`)
  if (facts.parentGrantId) subjects.push(`grant:${facts.parentGrantId}`)
  for (const { organizationId } of facts.memberships) subjects.push(`organization:${organizationId}`)
  return { answer: apiKeyAnswer(facts, digest), subjects }
}
