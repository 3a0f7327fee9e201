import { notFound } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CODING_NAMES, sendCoded } from '../../http/content-coding.ts'
import { isHtmlPreferred, negotiateCoding } from '../../http/negotiation.ts'
import type { Routes } from '../../http/routes.ts'
import { openDashboard } from './files.ts'

export interface DashboardOptions {
  /** The folder of the built dashboard. */
  readonly directory: string
  readonly issuer: string
}

/** The redirect URI of the dashboard. A renewal without a page opens it in a frame of the dashboard, a new sign-in in a window. */
const CALLBACK = '/dashboard/callback'

/** Own origin only, nothing inline, no text that becomes code or markup. */
const policyFor = (frameAncestors: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')

const COMMON = {
  'content-type': 'text/html; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  // The document names the files of one build.
  'cache-control': 'no-cache',
  'x-robots-tag': 'noindex',
}

const PAGE_HEADERS = {
  ...COMMON,
  'content-security-policy': policyFor("'none'"),
  'x-frame-options': 'DENY',
  // A window that the dashboard opens to sign in again reports back to it.
  'cross-origin-opener-policy': 'same-origin-allow-popups',
}

const CALLBACK_HEADERS = {
  ...COMMON,
  'content-security-policy': policyFor("'self'"),
  'x-frame-options': 'SAMEORIGIN',
  // Its address has the authorization code.
  'referrer-policy': 'no-referrer',
}

const ASSET_HEADERS = {
  'x-content-type-options': 'nosniff',
  // Names have a hash of their content.
  'cache-control': 'public, max-age=31536000, immutable',
  // A picture opened directly is a document: it must not load or run anything.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Serves the dashboard under `/dashboard`, and leads people there who open the origin. */
export const dashboardRoutes: Routes<DashboardOptions> = (app, { directory, issuer }) => {
  const files = openDashboard(directory, issuer)
  const open = { config: { access: 'public', organization: 'none' }, schema: { hide: true } } as const

  const sendDocument = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const [path] = request.url.split('?', 1)
    const coding = negotiateCoding(request, CODING_NAMES)
    const isCallback = path === CALLBACK
    const isFrame = isCallback && request.headers['sec-fetch-dest'] === 'iframe'
    return sendCoded(
      reply.headers(isCallback ? CALLBACK_HEADERS : PAGE_HEADERS),
      coding,
      await files.document(isFrame ? 'frame' : 'index', coding),
      isCallback ? 'sec-fetch-dest' : undefined,
    )
  }

  app.get('/', open, (request, reply) => {
    reply.header('vary', 'accept')
    if (!isHtmlPreferred(request)) throw notFound('Route')
    reply.redirect('/dashboard')
  })
  app.get('/dashboard', open, sendDocument)
  // Every other path is a page of the app, which it shows itself.
  app.get('/dashboard/*', open, async (request, reply) => {
    const { '*': path } = request.params as { readonly '*': string }
    if (!path.startsWith('assets/')) return sendDocument(request, reply)
    const asset = files.asset(path.slice('assets/'.length))
    if (!asset) throw notFound('Route')
    const coding = negotiateCoding(request, CODING_NAMES)
    return sendCoded(reply.headers({ ...ASSET_HEADERS, 'content-type': asset.type }), coding, await asset.read(coding))
  })
}
