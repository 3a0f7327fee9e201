import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Scope } from '@daytona-auth/testing'

const PAGE = `<!doctype html><html lang="en"><title>Cobalt CI</title><h1>Cobalt CI</h1>
<script src="/oidc-client-ts.js"></script></html>`

/**
 * A single-page app with oidc-client-ts on an origin and site of its own: `localhost` is cross-site to `127.0.0.1`, so
 * the provider's cookies are third-party cookies, as for any external app.
 */
export async function startSpa(scope: Scope): Promise<{ readonly origin: string }> {
  const library = await readFile(
    createRequire(import.meta.url)
      .resolve('oidc-client-ts')
      .replace(/dist\/.*/, 'dist/browser/oidc-client-ts.min.js'),
  )
  const server = createServer((request, response) => {
    const isLibrary = request.url === '/oidc-client-ts.js'
    response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html')
    response.end(isLibrary ? library : PAGE)
  }).listen(0, 'localhost')
  await once(server, 'listening')
  scope.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // listens on TCP
  return { origin: `http://localhost:${port}` }
}
