import { eq, inArray } from 'drizzle-orm'
import { type AuditEntry, actingKey, auditEntry, recordAudit } from '../audit/entries.ts'
import type { Queryable } from '../core/client.ts'
import type { ApiKeyId, OrganizationId } from '../core/id.ts'
import { apiKeySecrets, apiKeys } from '../schema/api-keys.ts'
import { users } from '../schema/users.ts'

/** One or more refused requests with a known key, recorded as one event. */
export interface KeyDenial {
  readonly keyId: ApiKeyId
  /** The digest of the presented secret. */
  readonly secretDigest: Uint8Array
  readonly organizationId: OrganizationId
  readonly statusCode: number
  /** The message of the response. */
  readonly errorMessage: string
  /** The reason that the response does not contain. */
  readonly reason: string | null
  readonly method: string
  /** The pattern of the route: the path itself may contain arbitrary text. */
  readonly route: string | null
  readonly ipAddress: string
  readonly userAgent: string | null
  /** The number of refused requests. */
  readonly count: number
}

/** Records denials in the trails of their organizations, with the key's name and owner. Deleted keys are left out. */
export async function recordKeyDenials(db: Queryable, denials: readonly KeyDenial[]): Promise<void> {
  if (denials.length === 0) return
  const digests = denials.map(({ secretDigest }) => secretDigest)
  const keys = await db
    .select({
      digest: apiKeySecrets.digest,
      hint: apiKeySecrets.hint,
      name: apiKeys.name,
      userId: users.id,
      email: users.email,
    })
    .from(apiKeySecrets)
    .innerJoin(apiKeys, eq(apiKeys.id, apiKeySecrets.keyId))
    .innerJoin(users, eq(users.id, apiKeys.userId))
    .where(inArray(apiKeySecrets.digest, digests))
  const byDigest = new Map(keys.map((key) => [nameOf(key.digest), key]))
  const entries = denials.flatMap((denial): AuditEntry[] => {
    const key = byDigest.get(nameOf(denial.secretDigest))
    if (!key) return []
    const { keyId, organizationId, statusCode, errorMessage, reason, method, route, ipAddress, userAgent, count } =
      denial
    return [
      auditEntry('api_key.refuse', {
        organizationId,
        actorId: key.userId,
        actorEmail: key.email,
        source: 'api-key',
        ...actingKey(key.hint, { id: keyId, name: key.name }),
        targetId: keyId,
        statusCode,
        errorMessage,
        ipAddress,
        userAgent,
        metadata: { reason, method, route, count },
      }),
    ]
  })
  await recordAudit(db, entries)
}

const nameOf = (digest: Uint8Array): string => Buffer.from(digest).toString('latin1')
