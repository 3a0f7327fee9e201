import type { ResourceServer } from '@daytona-auth/sdk'
import { Snippet } from '../../../ui/snippet.tsx'

/** How an app requests tokens for the API, and how the API verifies them. */
export function ReadyCode({ server }: { readonly server: ResourceServer }) {
  return (
    <section className="stack" aria-label="Use it">
      <h2>Use it</h2>
      <p className="soft">An app adds these parameters to its authorization request, and to its token requests.</p>
      <Snippet title="parameters" text={parametersOf(server)} />
      <p className="soft">The API verifies the tokens that it gets.</p>
      <Snippet title="server.ts" text={programOf(server)} />
    </section>
  )
}

const parametersOf = ({ identifier, scopes }: ResourceServer): string =>
  [
    `resource=${encodeURIComponent(identifier)}`,
    `scope=${encodeURIComponent(['openid', ...scopes.map(({ name }) => name)].join(' '))}`,
  ].join('\n')

function programOf({ identifier, scopes }: ResourceServer): string {
  const list = `[${scopes.map(({ name }) => quote(name)).join(', ')}]`
  const requires = scopes[0] ? `{ scopes: [${quote(scopes[0].name)}] }` : `'authenticated'`
  return `import { createResourceServer } from '@daytona-auth/sdk/resource-server'
import { resourceServer } from '@daytona-auth/sdk/resource-server/fastify'
import fastify from 'fastify'

const app = fastify()
await app.register(resourceServer, {
  resourceServer: createResourceServer({
    issuer: ${quote(location.origin)},
    audience: ${quote(identifier)},
    scopes: ${list},
    accessTokens: 'offline',
  }),
})
app.get('/example', { config: { requires: ${requires} } }, async ({ caller }) => caller.userId)
await app.listen({ port: 4000 })`
}

const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`
