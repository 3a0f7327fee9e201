import {
  dnsServers,
  integer,
  internalUrl,
  lifetime,
  mailShape,
  origin,
  secrets,
  serviceShape,
  variableFacts,
} from '@daytona-auth/service'
import { brandShape } from './brand.ts'
import { outboundShape } from './outbound.ts'
import { resourceSecretsShape } from './resource-secrets.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** The variables of the API with their descriptions. `apiProblems` checks combinations of them. */
export const apiShape = {
  ...serviceShape,
  ...mailShape,
  ...brandShape,
  ...outboundShape,
  API_AUDIENCE: origin()
    .optional()
    .register(variableFacts, { fallback: 'ISSUER' })
    .describe('The `aud` that access tokens must have. The provider must issue them for it.'),
  PROVIDER_URL: internalUrl()
    .optional()
    .describe(
      'The address of the provider, such as `http://oidc:3001`, to which its paths are forwarded. Not needed if a proxy forwards them.',
    ),
  REQUESTS_PER_MINUTE: integer({ min: 1 })
    .prefault('10000')
    .describe('Requests per minute for one key, or for one authorization of an app.'),
  UNKNOWN_CREDENTIALS_PER_MINUTE: integer({ min: 1 })
    .prefault('60')
    .describe(
      'Well-formed but unknown or forged credentials per minute from one address. Its look-ups are slowed down beyond that.',
    ),
  SANDBOX_CREATIONS_PER_MINUTE: integer({ min: 1 })
    .prefault('300')
    .describe('Sandboxes per minute that one organization may create.'),
  INVITATIONS_PER_HOUR: integer({ min: 1 })
    .prefault('30')
    .describe(
      'Invitations mailed per clock hour for one person, including repeats and those sent by their keys and apps.',
    ),
  INVITATIONS_TO_ADDRESS_PER_DAY: integer({ min: 1 })
    .prefault('5')
    .describe('Invitations mailed to one address per day (UTC), from all senders.'),
  INVITATIONS_OF_ORGANIZATION_PER_DAY: integer({ min: 1 })
    .prefault('200')
    .describe('Invitations mailed for one organization per day (UTC).'),
  MANAGEMENT_WRITES_PER_CREDENTIAL: integer({ min: 1 })
    .prefault('16')
    .describe(
      'Concurrent changes of keys, apps, members and the like by one credential. Further ones are answered 429.',
    ),
  EVENT_STREAMS: integer({ min: 1 })
    .prefault('1000')
    .describe('Open event streams (`GET /events`) of one process. Further ones are answered 503.'),
  EVENT_STREAMS_PER_ORGANIZATION: integer({ min: 1 })
    .prefault('100')
    .describe('Open event streams of one organization in one process. Further ones are answered 429.'),
  EVENT_STREAMS_PER_USER: integer({ min: 1 })
    .prefault('20')
    .describe('Open event streams of one user in one process, with all credentials. Further ones are answered 429.'),
  ORGANIZATIONS_PER_USER: integer({ min: 1, max: 100_000 })
    .prefault('100')
    .describe('Organizations that one user may be a member of, including the personal one.'),
  ORGANIZATIONS_PER_API_KEY: integer({ min: 1, max: 200 })
    .prefault('50')
    .describe('Organizations that one API key may act in, including its home organization.'),
  API_KEYS_PER_OWNER: integer({ min: 1, max: 100_000 })
    .prefault('1000')
    .describe('Active API keys of one owner in one organization.'),
  ROLES_PER_ORGANIZATION: integer({ min: 1, max: 100_000 })
    .prefault('200')
    .describe('Roles that one organization may have, not counting built-in ones.'),
  SECRETS_UNDER_GRACE_PER_API_KEY: integer({ min: 1, max: 100 })
    .prefault('3')
    .describe('Superseded secrets of one API key that may be valid at the same time.'),
  SPACE_RESERVE_BYTES: integer()
    .prefault('67108864')
    .describe(
      "Bytes of the database's disk that are kept for revocations. On a full disk they are released, and nothing is created until there is room for twice as many. 0 keeps none.",
    ),
  BODY_LIMIT: integer({ min: 1024, max: 64 * 1024 * 1024 })
    .prefault('1048576')
    .describe('The largest request body, in bytes.'),
  INVITATION_TTL: lifetime({ minMs: 60_000 })
    .prefault('7d')
    .describe('How long an invitation can be accepted, unless its sender sets another time.'),
  ...resourceSecretsShape,
  DNS_SERVERS: dnsServers()
    .default([])
    .describe(
      'The DNS servers, such as `10.0.0.53` or `10.0.0.53:5353`, that are asked whether an organization owns an e-mail domain. Default: those of the system.',
    ),
  USAGE_HOURS_RETENTION: lifetime({ minMs: 2 * DAY_MS })
    .prefault('90d')
    .describe('How long the usage of keys is kept per hour. Older usage is kept per day (UTC).'),
  USAGE_RETENTION: lifetime({ minMs: 2 * DAY_MS })
    .prefault('761d')
    .describe(
      'How long the usage of keys is kept per day, and an ended key at all (25 months). Not shorter than `USAGE_HOURS_RETENTION`.',
    ),
  AUDIT_RETENTION_MONTHS: integer({ min: 1, max: 1200 })
    .optional()
    .describe('Whole months that the audit trail is kept, besides the current one. Kept forever if unset.'),
  AUDIT_ANCHOR_KEYS: secrets()
    .optional()
    .describe(
      'Sign the anchors of dropped months. Comma-separated: the first signs, each verifies. Required if `AUDIT_RETENTION_MONTHS` is set.',
    ),
}

/** Returns the problems of combinations of variables that are valid individually. */
export function apiProblems({
  AUDIT_RETENTION_MONTHS,
  AUDIT_ANCHOR_KEYS,
  USAGE_HOURS_RETENTION,
  USAGE_RETENTION,
}: {
  readonly AUDIT_RETENTION_MONTHS?: unknown
  readonly AUDIT_ANCHOR_KEYS?: unknown
  readonly USAGE_HOURS_RETENTION: number
  readonly USAGE_RETENTION: number
}): string[] {
  const problems: string[] = []
  if (AUDIT_RETENTION_MONTHS !== undefined && AUDIT_ANCHOR_KEYS === undefined) {
    problems.push('AUDIT_ANCHOR_KEYS is required if AUDIT_RETENTION_MONTHS is set')
  }
  if (USAGE_RETENTION < USAGE_HOURS_RETENTION) {
    problems.push('USAGE_RETENTION must not be shorter than USAGE_HOURS_RETENTION')
  }
  return problems
}
