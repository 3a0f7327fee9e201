import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setAccountDisabled } from '@daytona-auth/db/users'
import { freePort, scrape, waitFor } from '@daytona-auth/testing'
import { rowsIn } from '../account-rows.ts'
import { addAuthenticatorApp } from '../authenticator-app.ts'
import { PASSWORD, testProvider } from '../fixture.ts'
import { createOutbox } from './outbox.ts'
import { arrive, authorizationRequest, send, visitor } from './visitor.ts'

// What could be measured from outside: the work before an answer. Times themselves are compared by no test.

const outbox = await createOutbox({ after })
const metricsPort = await freePort()
const provider = await testProvider(
  { after },
  { env: { OUTBOX_DIR: outbox.directory, METRICS_PORT: String(metricsPort), FAILED_SIGN_INS_ADDRESS_LIMIT: '1000' } },
)
const { database, issuer } = provider
const { $client: sql } = database
const rows = rowsIn(provider)
const ada = await provider.person()
const app = await provider.client(ada)

const countHashes = async () => (await scrape(metricsPort)).value('password_hashing_seconds_count{service="oidc"}') ?? 0

describe('a failed sign-in', () => {
  it('costs one comparison of a password for every address: of an account, of none, without a password, disabled', async () => {
    const disabled = await provider.person()
    await rows.change((tx) => setAccountDisabled(tx, disabled.userId, true, 'test'))
    const withoutPassword = await provider.person()
    await sql`DELETE FROM user_credentials WHERE user_id = ${withoutPassword.userId}`
    const request = authorizationRequest(issuer, { client_id: app.clientId, redirect_uri: app.redirectUri })
    for (const [email, password] of [
      [ada.email, 'not the password'],
      ['nowhere@example.com', PASSWORD],
      [disabled.email, PASSWORD],
      [withoutPassword.email, PASSWORD],
    ] as const) {
      const visit = visitor(issuer)
      const page = await arrive(visit, request)
      const before = await countHashes()
      assert.equal((await send(visit, page, 'sign-in', { email, password })).status, 400, email)
      assert.equal((await countHashes()) - before, 1, email)
    }
  })
})

describe('a request for a mail', () => {
  for (const path of ['/oauth/recovery', '/oauth/recovery/factors']) {
    it(`is answered before anything is written for its account: ${path}`, async () => {
      const person = await provider.person()
      await addAuthenticatorApp(provider, person)
      const { post } = visitor(issuer)
      const mails = await outbox.count()
      const answers = await sql.begin(async (tx) => {
        // Reads continue.
        await tx`LOCK TABLE mailed_tokens, audit_events, audit_chain_heads IN EXCLUSIVE MODE`
        return Promise.race([
          Promise.all([person.email, 'nowhere@example.com'].map((email) => post(path, { email }))),
          new Promise<never>((_, reject) => setTimeout(reject, 5000, new Error('the answer waits for a row')).unref()),
        ])
      })
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      )
      // What it waited for happens afterwards.
      await waitFor(async () => (await outbox.count()) === mails + 1)
    })
  }
})
