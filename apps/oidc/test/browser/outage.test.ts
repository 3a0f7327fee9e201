import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { connect } from '@daytona-auth/db/core'
import { waitFor } from '@daytona-auth/testing'
import { PASSWORD, testProvider } from '../fixture.ts'
import { arrive, authorizationRequest, send, textOf, visitor } from './visitor.ts'

const REDIRECT = 'https://cobalt.example/callback'

const provider = await testProvider({ after })

it('the pages ask to try again in a moment while the database is unavailable, and recover without a restart', async () => {
  const ada = await provider.person()
  const { clientId } = await provider.client(ada, { type: 'spa', redirectUris: [REDIRECT] })
  const visit = visitor(provider.issuer)
  const page = await arrive(
    visit,
    authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: REDIRECT }),
  )

  const { database: name, user, pass, host, port } = provider.database.$client.options
  const server = connect(`postgres://${user}:${pass}@${host[0]}:${port[0]}/postgres`, { max: 1 }).$client
  await server.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  await server`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`
  try {
    for (const answer of [
      await visit.get(page.url),
      await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD }),
    ]) {
      assert.equal(answer.status, 503)
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
      assert.match(textOf(answer), /^Please try again in a moment .* Reference: req_/)
    }
  } finally {
    await server.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
    await server.end()
  }
  const again = await waitFor(async () => {
    const answer = await visit.get(page.url)
    return answer.status === 200 ? answer : undefined
  })
  assert.equal((await send(visit, again, 'sign-in', { email: ada.email, password: PASSWORD })).status, 303)
})
