import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { waitFor } from '@daytona-auth/testing'
import { browser, PASSWORD, redeem, testProvider, userinfo } from './fixture.ts'

const provider = await testProvider({ after })
const { log } = provider
const person = await provider.person()
const app = await provider.client(person)
const { userId } = person
const { clientId } = app

describe('the log line of a request to the provider', () => {
  const secrets: string[] = [PASSWORD]
  before(async () => {
    const authorization = await browser(provider, person).authorize(app, { state: 'a-state-of-the-app' })
    const { body } = await redeem(provider, app, authorization)
    const access = body['access_token'] ?? ''
    secrets.push(authorization.code, authorization.verifier, access, app.secret ?? 'none', 'a-state-of-the-app')
    await userinfo(provider, access)
    await redeem(provider, { ...app, secret: 'wrong' }, authorization)
    await redeem(provider, { ...app, clientId: 'unknown', secret: undefined }, authorization)
  })

  /** Returns the lines of the route, in order, with their fields about the caller. */
  async function callers(method: string, route: string, count: number) {
    const lines = await waitFor(() => {
      const found = log.lines().filter((line) => line['method'] === method && line['route'] === route)
      return found.length >= count && found.filter((line) => 'durationMs' in line)
    })
    assert.equal(lines.length, count)
    return lines.map((line) => {
      assert.match(String(line['requestId']), /^req_/)
      assert.equal(typeof line['durationMs'], 'number')
      return [line['statusCode'], line['principal'], line['clientId'], line['userId']]
    })
  }

  it('names the app that requests a token and the person it acts for', async () => {
    assert.deepEqual(await callers('POST', '/oauth/token', 3), [
      [200, 'client', clientId, userId],
      [401, 'client', clientId, undefined],
      [401, undefined, undefined, undefined],
    ])
  })

  it('names the person who signs in, and the app', async () => {
    assert.deepEqual(await callers('GET', '/oauth/interaction/:uid', 2), [
      [200, 'user', clientId, undefined],
      [200, 'user', clientId, userId],
    ])
    assert.deepEqual(await callers('POST', '/oauth/interaction/:uid/sign-in', 1), [[303, 'user', clientId, userId]])
    assert.deepEqual(await callers('POST', '/oauth/interaction/:uid/consent', 1), [[303, 'user', clientId, userId]])
  })

  it('names the app of a token at userinfo', async () => {
    assert.deepEqual(await callers('GET', '/oauth/userinfo', 1), [[200, 'token', clientId, userId]])
  })

  it('contains no secret, code or state', () => {
    for (const secret of secrets) assert.ok(!log.text().includes(secret), secret.slice(0, 4))
  })
})
