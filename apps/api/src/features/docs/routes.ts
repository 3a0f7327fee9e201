import type { FastifyReply } from 'fastify'
import type { Routes } from '../../http/routes.ts'
import type { CreationLimits } from '../../limits/creation-limits.ts'
import { ASSETS, type AssetName, readAsset } from './assets.ts'
import { ERRORS, REFERENCE, rateLimits } from './pages.ts'

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

/** Everything from here, nothing inline, nothing sent anywhere. `data:` are the reference's arrows and our lack of an icon. */
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

/** Documentation for people: the reference, as Swagger UI shows `/openapi.json`, and the pages beside it. */
export const docsRoutes: Routes<DocsOptions> = (app, options) => {
  const open = { config: { access: 'public', organization: 'none' }, schema: { hide: true } } as const
  for (const [path, html] of [
    ['/docs', REFERENCE],
    ['/docs/errors', ERRORS],
  ] as const) {
    app.get(path, open, (_request, reply) => send(reply, HTML, html))
  }
  // Written when somebody reads it: formatting the first number loads the locales, which no start should wait for.
  app.get('/docs/rate-limits', open, (_request, reply) => send(reply, HTML, rateLimits(options)))
  for (const [name, type] of Object.entries(ASSETS)) {
    app.get(`/docs/assets/${name}`, open, async (_request, reply) =>
      // The names of the object above.
      send(reply.header('cache-control', 'public, max-age=3600'), type, await readAsset(name as AssetName)),
    )
  }
}

const send = (reply: FastifyReply, type: string, content: string | Buffer): FastifyReply =>
  reply
    .headers({ ...HEADERS, 'content-security-policy': POLICY })
    .type(type)
    .send(content)
