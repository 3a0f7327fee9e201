import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyPluginAsync } from 'fastify'
import type { ProviderConfig } from '../config.ts'
import { brandStyle } from './brand-style.ts'

export interface Asset {
  /** Changes with the content, so that browsers may cache it indefinitely. */
  readonly path: string
  readonly type: string
  readonly content: Buffer
}

/** The files that pages refer to. */
export interface Assets {
  readonly stylesheet: Asset
  /** The script of the pages that need one: those with passkeys. */
  readonly passkeyScript: Asset
  readonly icon: Asset
  /** The logo of the installation; undefined without one. */
  readonly logo: Asset | undefined
}

/** Creates the files that pages refer to, with the color and logo of the installation. */
export function createAssets({ BRAND_COLOR, BRAND_LOGO }: Pick<ProviderConfig, 'BRAND_COLOR' | 'BRAND_LOGO'>): Assets {
  const style = BRAND_COLOR === undefined ? [] : [Buffer.from(brandStyle(BRAND_COLOR))]
  const logo =
    BRAND_LOGO &&
    assetOf(
      BRAND_LOGO.type === 'image/png' ? 'logo.png' : 'logo.svg',
      BRAND_LOGO.type,
      Buffer.from(BRAND_LOGO.base64, 'base64'),
    )
  return {
    stylesheet: assetOf('style.css', 'text/css; charset=utf-8', Buffer.concat([read('style.css'), ...style])),
    passkeyScript: assetOf('passkeys.js', 'text/javascript; charset=utf-8', read('passkeys.js')),
    icon: logo ?? assetOf('icon.svg', 'image/svg+xml', read('icon.svg')),
    logo,
  }
}

/** An image opened directly is a document: it must not run anything or load another file. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"

/** Serves the files under `/oauth/assets/`. Any hash but the current one is a 404. */
export const assetRoutes: FastifyPluginAsync<{ readonly assets: Assets }> = async (app, { assets }) => {
  const files = Object.values(assets).filter((asset) => asset !== undefined)
  // The logo is the icon as well.
  for (const { path, type, content } of new Set<Asset>(files)) {
    app.get(path, (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', POLICY)
        .type(type)
        .send(content),
    )
  }
}

const read = (name: string): Buffer => readFileSync(new URL(`./templates/${name}`, import.meta.url))

function assetOf(name: string, type: string, content: Buffer): Asset {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16)
  return { path: `/oauth/assets/${name.replace('.', `.${hash}.`)}`, type, content }
}
