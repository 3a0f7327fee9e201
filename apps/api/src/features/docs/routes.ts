import type { FastifyReply } from 'fastify'
import type { Routes } from '../../http/routes.ts'
import type { CreationLimits } from '../../limits/creation-limits.ts'
import { ASSETS, type AssetName, readAsset } from './assets.ts'
import { AUDIT_EVENTS, ERRORS, REFERENCE, renderRateLimits } from './pages.ts'

export interface DocsOptions {
  readonly requestsPerMinute: number
  readonly unknownCredentialsPerMinute: number
  readonly sandboxCreationsPerMinute: number
  readonly invitationsPerHour: number
  readonly invitationsToAddressPerDay: number
  readonly invitationsOfOrganizationPerDay: number
  readonly managementWritesPerCredential: number
  readonly invitationTtlMs: number
  readonly bodyLimitBytes: number
  readonly usageHoursDays: number
  readonly usageDays: number
  readonly creation: CreationLimits
}

/** Own origin only, nothing inline, no forms. `data:` is for the reference's arrows and the empty icon. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HTML = 'text/html; charset=utf-8'
const HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

/** Serves the documentation: the reference, which is Swagger UI with `/openapi.json`, and the pages beside it. */
export const docsRoutes: Routes<DocsOptions> = (app, options) => {
  const open = { config: { access: 'public', organization: 'none' }, schema: { hide: true } } as const
  for (const [path, html] of [
    ['/docs', REFERENCE],
    ['/docs/errors', ERRORS],
    ['/docs/audit-events', AUDIT_EVENTS],
  ] as const) {
    app.get(path, open, (_request, reply) => send(reply, HTML, html))
  }
  // Rendered on request: formatting the first number loads the locales, which would delay startup.
  app.get('/docs/rate-limits', open, (_request, reply) => send(reply, HTML, renderRateLimits(options)))
  for (const [name, type] of Object.entries(ASSETS)) {
    app.get(`/docs/assets/${name}`, open, async (_request, reply) =>
      // `name` is a key of ASSETS.
      send(reply.header('cache-control', 'public, max-age=3600'), type, await readAsset(name as AssetName)),
    )
  }
}

/** Sends a page of the documentation, with its policy. */
export const sendPage = (reply: FastifyReply, html: string): FastifyReply => send(reply, HTML, html)

const send = (reply: FastifyReply, type: string, content: string | Buffer): FastifyReply =>
  reply
    .headers({ ...HEADERS, 'content-security-policy': POLICY })
    .type(type)
    .send(content)
