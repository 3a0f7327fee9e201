import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyPluginAsync } from 'fastify'

interface Asset {
  /** Changes with the content, so that browsers may cache it indefinitely. */
  readonly path: string
  readonly type: string
  readonly content: Buffer
}

export const stylesheet = asset('style.css', 'text/css; charset=utf-8')
/** The script of the pages that need one: those with passkeys. */
export const passkeyScript = asset('passkeys.js', 'text/javascript; charset=utf-8')
export const icon = asset('icon.svg', 'image/svg+xml')

/** Serves the stylesheet, icon and script under `/oauth/assets/`. Any hash but the current one is a 404. */
export const assets: FastifyPluginAsync = async (app) => {
  for (const { path, type, content } of [stylesheet, icon, passkeyScript]) {
    app.get(path, (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('x-content-type-options', 'nosniff')
        // An icon opened directly is a document: it must not load or run anything.
        .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
        .type(type)
        .send(content),
    )
  }
}

function asset(name: string, type: string): Asset {
  const content = readFileSync(new URL(`./templates/${name}`, import.meta.url))
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16)
  return { path: `/oauth/assets/${name.replace('.', `.${hash}.`)}`, type, content }
}
