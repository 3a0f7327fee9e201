import type { FastifyReply } from 'fastify'
import { CODING_NAMES, COMPRESS, readOnce, sendCoded } from '../../http/content-coding.ts'
import { negotiateCoding } from '../../http/negotiation.ts'
import { TAG_DESCRIPTIONS } from '../../http/openapi-descriptions.ts'
import type { Routes } from '../../http/routes.ts'
import { ASSETS, type AssetName, readAsset } from './assets.ts'
import {
  renderAuditEvents,
  renderErrors,
  renderGuide,
  renderRateLimits,
  renderReference,
  type ShownLimits,
} from './pages.ts'
import type { ReferenceDocument } from './reference/document.ts'
import { CATALOGUES, GUIDES, type GuideName, referencePage } from './site.ts'

export interface DocsOptions {
  readonly issuer: string
  readonly limits: ShownLimits
}

/** Own origin only, nothing inline, no forms. `data:` is for the empty icon. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HTML = 'text/html; charset=utf-8'
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': POLICY,
}

/** Serves the documentation: guides, pages of catalogues, and the reference, which is made from the OpenAPI document. */
export const docsRoutes: Routes<DocsOptions> = (app, { issuer, limits }) => {
  const readDocument = async (): Promise<ReferenceDocument> => JSON.parse(await app.readOpenApi())
  const pages: Readonly<Record<string, () => string | Promise<string>>> = {
    ...Object.fromEntries(
      Object.entries(GUIDES).map(([name, { path }]) => [path, () => renderGuide(name as GuideName, issuer)]),
    ),
    ...Object.fromEntries(
      Object.keys(TAG_DESCRIPTIONS).map((tag) => [
        referencePage(tag).path,
        async () => renderReference(tag, await readDocument()),
      ]),
    ),
    [CATALOGUES.errors.path]: renderErrors,
    [CATALOGUES.rateLimits.path]: () => renderRateLimits(limits),
    [CATALOGUES.auditEvents.path]: renderAuditEvents,
  }
  const open = { config: { access: 'public', organization: 'none' }, schema: { hide: true } } as const
  // Rendered and compressed at the first request: compiling templates would delay startup.
  const once = readOnce()
  for (const [path, render] of Object.entries(pages)) {
    app.get(path, open, async (request, reply) => {
      const coding = negotiateCoding(request, CODING_NAMES)
      const content = await once(`${coding} ${path}`, async () => COMPRESS[coding](Buffer.from(await render())))
      return sendCoded(reply.headers(HEADERS).type(HTML), coding, content)
    })
  }
  for (const [name, type] of Object.entries(ASSETS)) {
    app.get(`/docs/assets/${name}`, open, async (request, reply) => {
      const coding = negotiateCoding(request, CODING_NAMES)
      // `name` is a key of ASSETS.
      const content = await once(`${coding} ${name}`, async () => COMPRESS[coding](await readAsset(name as AssetName)))
      return sendCoded(
        reply.headers({ ...HEADERS, 'cache-control': 'public, max-age=3600' }).type(type),
        coding,
        content,
      )
    })
  }
}

/** Sends a page of the documentation, with its policy. */
export const sendPage = (reply: FastifyReply, html: string): FastifyReply =>
  reply.headers(HEADERS).type(HTML).send(html)
