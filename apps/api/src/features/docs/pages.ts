import { GivenName } from '@daytona-auth/accounts/given-name'
import { providerShape } from '@daytona-auth/configuration/provider'
import { AUDIT_ACTIONS } from '@daytona-auth/db/audit'
import { ERROR_CODES, variablesOf } from '@daytona-auth/service'
import type { CreationLimits } from '../../limits/creation-limits.ts'

/** Renders a page. Its HTML contains no part of a request. */
const renderPage = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Daytona API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/docs.css">
${head}</head>
<body>
<nav aria-label="Documentation"><a href="/docs">Reference</a><a href="/docs/errors">Errors</a><a href="/docs/rate-limits">Rate limits</a><a href="/docs/audit-events">Audit events</a><a href="/openapi.json">OpenAPI</a></nav>
${body}
</body>
</html>
`

export const REFERENCE = renderPage(
  'Reference',
  '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">\n',
  `<main id="reference"><noscript>The reference needs JavaScript. You can also read <a href="/openapi.json">openapi.json</a>.</noscript></main>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script type="module" src="/docs/assets/start.js"></script>`,
)

/** For a path that does not exist. It does not repeat the path. */
export const UNKNOWN = renderPage(
  'Page not found',
  '',
  `<main class="text">
<h1>Page not found</h1>
<p>There is no page at this address. It may have moved, or the link is incomplete.</p>
<p><a href="/dashboard">Open the dashboard</a> to manage API keys, members and apps, or read the <a href="/docs">documentation</a>.</p>
</main>`,
)

const codes = () =>
  Object.entries(ERROR_CODES).flatMap(([status, all]) =>
    Object.entries(all).map(([code, when]) => [status, `<code>${code}</code>`, when] as const),
  )

const rows = (all: readonly (readonly string[])[]) =>
  all.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n')

export const ERRORS = renderPage(
  'Errors',
  '',
  `<main class="text">
<h1>Errors</h1>
<p>Every error response is JSON with these three members: <code>message</code> is the status in words, <code>error</code>
states what is wrong. The header <code>X-Error-Code</code> has the cause for programs. A 400 may have <code>details</code>, a list of <code>path</code> and <code>message</code>.</p>
<pre>{ "statusCode": 401, "message": "Unauthorized", "error": "Invalid or expired API key" }</pre>
<table>
<thead><tr><th scope="col">Status</th><th scope="col"><code>error</code></th><th scope="col">What to do</th></tr></thead>
<tbody>
${rows([
  [
    '401',
    'Invalid or expired API key',
    'Check the <code>Authorization: Bearer …</code> header. If the key has expired or was revoked, create a new one.',
  ],
  ['401', 'Invalid or expired token', 'Renew the token, or sign in again.'],
  [
    '403',
    'Insufficient permissions',
    '<code>WWW-Authenticate</code> names the missing permission. Use a key that has it, or ask an administrator of the organization.',
  ],
  ['403', 'Organization is suspended: …', 'You can still read. Ask the operator of the service for the reason.'],
  [
    '400',
    'X-Daytona-Organization-ID header is required: …',
    'The credential has access to several organizations: send the id of one in this header.',
  ],
  ['400', 'What is wrong', 'Correct the request. <code>details</code> names the members.'],
  ['404', '… not found', 'It does not exist, or belongs to an organization that the credential has no access to.'],
  ['409', 'The conflict', 'Resolve it: if a name is taken, for example, choose another one.'],
  [
    '429',
    'Rate limit exceeded',
    'Wait for the seconds in <code>Retry-After</code>. See <a href="/docs/rate-limits">rate limits</a>.',
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
<p>Every response has an <code>X-Request-Id</code>. Include it when you ask for help. Errors under <code>/oauth</code> have
the form of RFC 6749: <code>error</code> and <code>error_description</code>.</p>
</main>`,
)

const code = (name: string) => `<code>${name}</code>`

export const AUDIT_EVENTS = renderPage(
  'Audit events',
  '',
  `<main class="text">
<h1>Audit events</h1>
<p>Every change of an organization leaves an event in its trail, in the transaction of the change. New actions may be
added; existing actions keep their meaning. Members of <code>metadata</code> in brackets are present in some events only.</p>
<table>
<thead><tr><th scope="col"><code>action</code></th><th scope="col">Meaning</th><th scope="col"><code>targetType</code></th><th scope="col"><code>metadata</code></th></tr></thead>
<tbody>
${rows(
  Object.entries(AUDIT_ACTIONS).map(([action, { meaning, targetType, members, optional }]) => [
    code(action),
    meaning.replaceAll(/`([^`]*)`/g, '<code>$1</code>'),
    code(targetType),
    [...members.map(code), ...optional.map((name) => `[${code(name)}]`)].join(' '),
  ]),
)}
</tbody>
</table>
</main>`,
)

/** The provider's limits and lifetimes, by the names of their variables. */
const PROVIDER_LIMIT = /_(?:LIMIT|WINDOW|TTL|GRACE)$/

/** Returns the provider's limits from its variable definitions: the meaning and the default of each. */
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

/** Renders the page of limits, with the values in force. */
export const renderRateLimits = (limits: {
  readonly requestsPerMinute: number
  readonly unknownCredentialsPerMinute: number
  readonly sandboxCreationsPerMinute: number
  readonly invitationsPerHour: number
  readonly invitationsToAddressPerDay: number
  readonly invitationsOfOrganizationPerDay: number
  readonly managementWritesPerCredential: number
  readonly invitationTtlMs: number
  readonly bodyLimitBytes: number
  /** The retention of hourly and of daily usage. */
  readonly usageHoursDays: number
  readonly usageDays: number
  readonly creation: CreationLimits
}): string =>
  renderPage(
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
    'Well-formed unknown credentials, and at the provider unknown clients, codes and mailed links',
    `${limits.unknownCredentialsPerMinute.toLocaleString('en')} a minute, slowed down after that`,
    'address',
  ],
  ['Invitations sent', `${limits.invitationsPerHour.toLocaleString('en')} an hour`, 'person'],
  ['Invitations sent', `${limits.invitationsToAddressPerDay.toLocaleString('en')} a day`, 'invited address'],
  ['Invitations sent', `${limits.invitationsOfOrganizationPerDay.toLocaleString('en')} a day`, 'organization'],
  ['Mails that verify an address', '1 a minute, 5 a day', 'person'],
  [
    'Changes of keys, apps, members and similar',
    `${number(limits.managementWritesPerCredential)} concurrently`,
    'credential',
  ],
])}
</tbody>
</table>
<p>Over a limit you get a 429 with <code>Retry-After</code>, in seconds. Limited routes send their state:
<code>X-RateLimit-Limit</code>, <code>X-RateLimit-Remaining</code> and <code>X-RateLimit-Reset</code>, the seconds until
the count restarts. Several servers share their counts ten times a second, so fewer requests may remain than the last
response stated.</p>
<h2>Maximum numbers and sizes</h2>
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
<p>If you create more, you get a 409 that names the limit. A larger body gets a 413.</p>
<p>A longer list is returned in pages. Each page names the next one in the header
<code>Link: &lt;?limit=…&amp;cursor=…&gt;; rel="next"</code>, relative to the URL of the request. The last page has no such header.</p>
<h2>Signing in, sessions and tokens</h2>
<table>
<thead><tr><th scope="col">What</th><th scope="col">Default</th></tr></thead>
<tbody>
${rows(providerLimits())}
</tbody>
</table>
<p>The operator of the service can set other values. A form over a limit shows how long to wait.</p>
<p>Wait for the seconds in <code>Retry-After</code> plus a random delay, so that many clients do not return at once.</p>
</main>`,
  )
