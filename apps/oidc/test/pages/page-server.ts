import type { Scope } from '@daytona-auth/testing'
import fastify from 'fastify'
import type { ProviderConfig } from '../../src/config.ts'
import { assetRoutes } from '../../src/pages/assets.ts'
import { pageHeaders } from '../../src/pages/headers.ts'
import { createPageRenderer, type Pages, pageFrameOf } from '../../src/pages/pages.ts'
import { SAMPLES } from './samples.ts'

type Brand = Pick<ProviderConfig, 'BRAND_NAME' | 'BRAND_COLOR' | 'BRAND_LOGO'>

/** Serves the samples of every page in German, except those that forward the browser. */
export async function servePages(scope: Scope, brand: Brand) {
  const frame = pageFrameOf({ ISSUER: 'https://auth.example.test', ...brand })
  const render = createPageRenderer(frame)
  const app = fastify()
  await app.register(assetRoutes, { assets: frame.assets })
  const paths = Object.entries(SAMPLES).flatMap(([name, samples]) =>
    samples.flatMap((sample, index) => {
      if ('refresh' in sample) return []
      const path = `/${name}/${index}`
      app.get(path, (_request, reply) =>
        reply.headers(pageHeaders()).send(render(name as keyof Pages, sample as Pages[keyof Pages])('de')),
      )
      return [path]
    }),
  )
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  scope.after(() => app.close())
  return { origin, paths }
}
