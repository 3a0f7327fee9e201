import { GivenName } from '@daytona-auth/accounts/given-name'
import { ERROR_CODES, providerShape, variablesOf } from '@daytona-auth/service'
import type { CreationLimits } from '../../limits/creation-limits.ts'

/** A page's HTML. It has nothing in it that a request brings. */
const page = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Daytona API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/docs.css">
${head}</head>
<body>
<nav aria-label="Documentation"><a href="/docs">Reference</a><a href="/docs/errors">Errors</a><a href="/docs/rate-limits">Rate limits</a><a href="/openapi.json">OpenAPI</a></nav>
${body}
</body>
</html>
`

export const REFERENCE = page(
  'Reference',
  '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">\n',
  `<main id="reference"><noscript>The reference needs JavaScript. The same is in <a href="/openapi.json">openapi.json</a>.</noscript></main>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script type="module" src="/docs/assets/start.js"></script>`,
)

const codes = () =>
  Object.entries(ERROR_CODES).flatMap(([status, all]) =>
    Object.entries(all).map(([code, when]) => [status, `<code>${code}</code>`, when] as const),
  )

const rows = (all: readonly (readonly string[])[]) =>
  all.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')

export const ERRORS = page(
  'Errors',
  '',
  `<main class="text">
<h1>Errors</h1>
<p>Every refusal is JSON with these three members: <code>message</code> is the status in words, <code>error</code> says
what is wrong. The header <code>X-Error-Code</code> names the cause for programs. A 400 may have <code>details</code>, a list of <code>path</code> and <code>message</code>.</p>
<pre>{ "statusCode": 401, "message": "Unauthorized", "error": "Invalid or expired API key" }</pre>
<table>
<thead><tr><th scope="col">Status</th><th scope="col"><code>error</code></th><th scope="col">What to do</th></tr></thead>
<tbody>
${rows([
  [
    '401',
    'Invalid or expired API key',
    'Check the <code>Authorization: Bearer …</code> header, and whether the key has expired or was revoked: then create a new one.',
  ],
  ['401', 'Invalid or expired token', 'Renew the token, or sign in again.'],
  [
    '403',
    'Insufficient permissions',
    '<code>WWW-Authenticate</code> names the permission that is missing. Use a key that has it, or ask an administrator of the organization.',
  ],
  ['403', 'Organization is suspended: …', 'Reading still works. The operator of the service knows more.'],
  [
    '400',
    'X-Daytona-Organization-ID header is required: …',
    'The credential has access to several organizations: say which one is meant.',
  ],
  ['400', 'says what is wrong', 'Correct the request; <code>details</code> names the members.'],
  ['404', '… not found', 'It does not exist, or belongs to an organization that the credential has no access to.'],
  ['409', 'says what is in the way', 'A name is taken, for example: choose another one.'],
  [
    '429',
    'Rate limit exceeded',
    'Wait for the seconds in <code>Retry-After</code>: see <a href="/docs/rate-limits">rate limits</a>.',
  ],
  ['503', 'Service unavailable', 'Try again after the seconds in <code>Retry-After</code>.'],
])}
</tbody>
</table>
<h2>Codes</h2>
<table>
<thead><tr><th scope="col">Status</th><th scope="col"><code>X-Error-Code</code></th><th scope="col">Meaning</th></tr></thead>
<tbody>
${rows(codes())}
</tbody>
</table>
<p>Every response has an <code>X-Request-Id</code>: name it when you ask for help. Errors under <code>/oauth</code> have
the form of RFC 6749: <code>error</code> and <code>error_description</code>.</p>
</main>`,
)

/** The provider's limits and lifetimes, by the names of their variables. */
const PROVIDER_LIMIT = /_(?:LIMIT|WINDOW|TTL|GRACE)$/

/** What the provider enforces, as its variables define it: the meaning and the default of each. */
const providerLimits = (): [string, string][] =>
  variablesOf(providerShape)
    .filter(({ name }) => PROVIDER_LIMIT.test(name))
    .map(({ meaning, default: value = 'none' }) => [escaped(meaning), Number(value) ? number(Number(value)) : value])

const number = (value: number): string => value.toLocaleString('en')
const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/`([^`]*)`/g, '<code>$1</code>')

/** With the limits in force here. */
export const rateLimits = (limits: {
  readonly requestsPerMinute: number
  readonly unknownCredentialsPerMinute: number
  readonly sandboxCreationsPerMinute: number
  readonly invitationsPerHour: number
  readonly invitationsToAddressPerDay: number
  readonly invitationsOfOrganizationPerDay: number
  readonly managementWritesPerCredential: number
  readonly invitationTtlMs: number
  readonly bodyLimitBytes: number
  /** How long usage is kept by the hour and by the day. */
  readonly usageHoursDays: number
  readonly usageDays: number
  readonly creation: CreationLimits
}): string =>
  page(
    'Rate limits',
    '',
    `<main class="text">
<h1>Rate limits</h1>
<table>
<thead><tr><th scope="col">What</th><th scope="col">Limit</th><th scope="col">Counted by</th></tr></thead>
<tbody>
${rows([
  ['Requests', `${limits.requestsPerMinute.toLocaleString('en')} a minute`, 'credential'],
  ['Sandboxes created', `${limits.sandboxCreationsPerMinute.toLocaleString('en')} a minute`, 'organization'],
  [
    'Credentials that are well-formed and unknown; at the provider also clients, codes and mailed links',
    `${limits.unknownCredentialsPerMinute.toLocaleString('en')} a minute, slowed down after that`,
    'address',
  ],
  ['Invitations sent', `${limits.invitationsPerHour.toLocaleString('en')} an hour`, 'person'],
  ['Invitations sent', `${limits.invitationsToAddressPerDay.toLocaleString('en')} a day`, 'invited address'],
  ['Invitations sent', `${limits.invitationsOfOrganizationPerDay.toLocaleString('en')} a day`, 'organization'],
  ['Mails that verify an address', '1 a minute, 5 a day', 'person'],
  [
    'Changes of keys, apps, members and the like',
    `${number(limits.managementWritesPerCredential)} under way at once`,
    'credential',
  ],
])}
</tbody>
</table>
<p>Over a limit the answer is a 429 with <code>Retry-After</code>, in seconds. Limited routes say how things stand:
<code>X-RateLimit-Limit</code>, <code>X-RateLimit-Remaining</code> and <code>X-RateLimit-Reset</code>, the seconds that are
left until the count begins anew. Where several servers answer, they count together and tell each other what they
counted ten times a second: what remains may be less than the last answer said.</p>
<h2>How many there may be</h2>
<table>
<thead><tr><th scope="col">What</th><th scope="col">Limit</th><th scope="col">Counted by</th></tr></thead>
<tbody>
${rows([
  ['Organizations', limits.creation.organizationsPerUser.toLocaleString('en'), 'user'],
  ['Organizations of an API key', limits.creation.organizationsPerApiKey.toLocaleString('en'), 'API key'],
  ['Active API keys', limits.creation.apiKeysPerOwner.toLocaleString('en'), 'owner and organization'],
  ['Superseded secrets under grace', limits.creation.secretsUnderGrace.toLocaleString('en'), 'API key'],
  ['Roles', limits.creation.rolesPerOrganization.toLocaleString('en'), 'organization'],
  ['Usage by the hour', `${limits.usageHoursDays.toLocaleString('en')} days`, 'API key'],
  ['Usage by the day', `${limits.usageDays.toLocaleString('en')} days`, 'API key'],
  ['Name of a person, organization, key, app or role', `${GivenName.meta()?.['maxLength']} characters`, 'name'],
  ['Time to accept an invitation', `${limits.invitationTtlMs / 1000} seconds`, 'invitation'],
  ['Items of a page of a list', '1,000', 'response'],
  ['Request body', `${limits.bodyLimitBytes.toLocaleString('en')} bytes`, 'request'],
])}
</tbody>
</table>
<p>Creating more than these answers 409 with a sentence that names the limit; a larger body answers 413.</p>
<p>A list of more items answers a page of them, and names the next one in the header
<code>Link: &lt;?limit=…&amp;cursor=…&gt;; rel="next"</code>, relative to the URL of the request. The last page has no such header.</p>
<h2>Signing in, sessions and tokens</h2>
<table>
<thead><tr><th scope="col">What</th><th scope="col">Default</th></tr></thead>
<tbody>
${rows(providerLimits())}
</tbody>
</table>
<p>The operator of the service can set other values. Forms over a limit show how long to wait.</p>
<p>Wait for as long as <code>Retry-After</code> says, and a little longer by chance, so that many clients do not come back
at once.</p>
</main>`,
  )
