import { secret, secrets } from './secret.ts'
import { mailShape, serviceShape } from './service-variables.ts'
import { variableFacts } from './variable.ts'
import { integer, internalUrl, lifetime, origin } from './variables.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Every variable of the API, each with what it means. `apiProblems` says what its members say together. */
export const apiShape = {
  ...serviceShape,
  ...mailShape,
  API_AUDIENCE: origin()
    .optional()
    .register(variableFacts, { fallback: 'ISSUER' })
    .describe('The `aud` of the access tokens that are accepted; the provider must issue them for it.'),
  PROVIDER_URL: internalUrl()
    .optional()
    .describe(
      'Where the provider listens, as in `http://oidc:3001`: its paths are forwarded there. Not needed where a proxy does so.',
    ),
  REQUESTS_PER_MINUTE: integer({ min: 1 })
    .prefault('10000')
    .describe('Requests that one key, or one authorization of an app, may make in a minute.'),
  UNKNOWN_CREDENTIALS_PER_MINUTE: integer({ min: 1 })
    .prefault('60')
    .describe(
      'Well-formed but unknown credentials that one address may try in a minute before its look-ups are slowed down.',
    ),
  SANDBOX_CREATIONS_PER_MINUTE: integer({ min: 1 })
    .prefault('300')
    .describe('Sandboxes that one organization may create in a minute.'),
  INVITATIONS_PER_HOUR: integer({ min: 1 })
    .prefault('30')
    .describe(
      'Invitations that one person may have mailed in an hour of the clock, sent again or not, through whatever acts for them.',
    ),
  INVITATIONS_TO_ADDRESS_PER_DAY: integer({ min: 1 })
    .prefault('5')
    .describe('Invitations that are mailed to one address in a day (UTC), whoever sends them.'),
  INVITATIONS_OF_ORGANIZATION_PER_DAY: integer({ min: 1 })
    .prefault('200')
    .describe('Invitations that are mailed for one organization in a day (UTC).'),
  MANAGEMENT_WRITES_PER_CREDENTIAL: integer({ min: 1 })
    .prefault('16')
    .describe(
      'Changes of keys, apps, members and the like that one credential may have under way at once; more are answered 429.',
    ),
  ORGANIZATIONS_PER_USER: integer({ min: 1, max: 100_000 })
    .prefault('100')
    .describe('Organizations that one user may be a member of, the personal one included.'),
  ORGANIZATIONS_PER_API_KEY: integer({ min: 1, max: 200 })
    .prefault('50')
    .describe('Organizations that one API key may act in, its home included.'),
  API_KEYS_PER_OWNER: integer({ min: 1, max: 100_000 })
    .prefault('1000')
    .describe('Active API keys of one owner in one organization.'),
  ROLES_PER_ORGANIZATION: integer({ min: 1, max: 100_000 })
    .prefault('200')
    .describe('Roles that one organization may have, built-in ones excluded.'),
  SECRETS_UNDER_GRACE_PER_API_KEY: integer({ min: 1, max: 100 })
    .prefault('3')
    .describe('Superseded secrets of one API key that may be valid at the same time.'),
  BODY_LIMIT: integer({ min: 1024, max: 64 * 1024 * 1024 })
    .prefault('1048576')
    .describe('The largest request body, in bytes.'),
  INVITATION_TTL: lifetime({ minMs: 60_000 })
    .prefault('7d')
    .describe('How long an invitation can be accepted, unless its sender says otherwise.'),
  RESOURCE_SECRETS_KEY: secret()
    .optional()
    .describe('What registry passwords are encrypted with, here and where they are used; none can be kept without it.'),
  USAGE_HOURS_RETENTION: lifetime({ minMs: 2 * DAY_MS })
    .prefault('90d')
    .describe('How long the usage of keys is kept by the hour; what is older is kept by the day (of UTC).'),
  USAGE_RETENTION: lifetime({ minMs: 2 * DAY_MS })
    .prefault('761d')
    .describe(
      'How long the usage of keys is kept by the day, and a key after its end: 25 months. No shorter than `USAGE_HOURS_RETENTION`.',
    ),
  AUDIT_RETENTION_MONTHS: integer({ min: 1, max: 1200 })
    .optional()
    .describe('Whole months that the audit trail is kept, besides the current one; for ever without it.'),
  AUDIT_ANCHOR_KEYS: secrets()
    .optional()
    .describe(
      'What signs the anchors of dropped months: separated by commas, the first signs, each is believed. Required where `AUDIT_RETENTION_MONTHS` is set.',
    ),
}

/** What is wrong with variables that are right each for itself. */
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
    problems.push('AUDIT_ANCHOR_KEYS is required where AUDIT_RETENTION_MONTHS is set')
  }
  if (USAGE_RETENTION < USAGE_HOURS_RETENTION) {
    problems.push('USAGE_RETENTION must not be shorter than USAGE_HOURS_RETENTION')
  }
  return problems
}
