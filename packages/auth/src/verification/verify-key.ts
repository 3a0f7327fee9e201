import { batchReads } from '@daytona-auth/db/core'
import { type ApiKeyFacts, findApiKeyFacts } from '@daytona-auth/db/principals'
import { isKey, looksLikeKey } from '../credential/api-key.ts'
import { seenKeys } from '../credential/seen-keys.ts'
import { resolveApiKey } from '../principal/resolve-principal.ts'
import { denyCredential } from '../principal/result.ts'
import type { Authenticator } from './authenticator.ts'
import { ANY_KEY, type Found, type Subject } from './cache.ts'
import type { Reader } from './database-reader.ts'

const UNKNOWN: Found = Object.freeze({
  answer: denyCredential('api-key', 'unknown'),
  dependsOn: Object.freeze([ANY_KEY]),
})

/**
 * Makes the reader of keys. A revoked key is cached like a valid one, with its dependencies; an unknown key depends on every
 * key.
 */
function keyReader(reader: Reader): (digest: Uint8Array) => Promise<Found> {
  const findFacts = batchReads((digests) => reader.read((sql) => findApiKeyFacts(sql, digests)))
  return async (digest) => {
    const facts = await findFacts(digest)
    return facts ? { answer: resolveApiKey(facts), dependsOn: subjectsOf(facts) } : UNKNOWN
  }
}

/** Makes the authenticator of API keys. */
export function apiKeyAuthenticator(reader: Reader): Authenticator {
  const find = keyReader(reader)
  const seen = seenKeys()
  return {
    kind: 'api-key',
    recognizes: looksLikeKey,
    isWellFormed: isKey,
    rejectsEarly: (credential) => looksLikeKey(credential) && !seen.mayHave(credential) && !isKey(credential),
    find(credential, digest) {
      seen.add(credential)
      return find(Buffer.from(digest, 'latin1'))
    },
  }
}

function subjectsOf({ keyId, user, parents, memberships }: ApiKeyFacts): Subject[] {
  const subjects: Subject[] = [`key:${keyId}`, `user:${user.id}`]
  // A key never has more than its parents: each change to a parent invalidates the key.
  for (const parent of parents) {
    if (parent.keyId) subjects.push(`key:${parent.keyId}`)
    if (parent.grantId) subjects.push(`grant:${parent.grantId}`)
    if (parent.clientId) subjects.push(`client:${parent.clientId}`)
  }
  for (const { organizationId } of memberships) subjects.push(`organization:${organizationId}`)
  return subjects
}
