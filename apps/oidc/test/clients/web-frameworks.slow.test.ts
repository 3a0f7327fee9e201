import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testProvider } from '../fixture.ts'
import { personAt, startForeignApp } from './foreign-app.ts'

const provider = await testProvider({ after })
const person = await provider.person()

const APPS = [
  { name: 'passport-openidconnect', program: 'passport.mjs', callback: '/callback', more: {} },
  {
    name: 'express-openid-connect',
    program: 'express-openid-connect.mjs',
    callback: '/callback',
    more: { refreshed: true },
  },
  { name: 'Auth.js', program: 'auth-js.mjs', callback: '/auth/callback/daytona', more: {} },
]

describe('an app of a foreign client library, unmodified,', () => {
  for (const { name, program, callback, more } of APPS) {
    it(`signs a person in: ${name}`, async (t) => {
      const { origin } = await startForeignApp(t, provider, person, { program, callback })
      const browser = personAt(provider, origin, person)
      let page = await browser.open(`${origin}/login`)
      if (new URL(page.url).pathname !== '/me') page = await browser.open(`${origin}/me`)
      assert.equal(page.status, 200, page.html)
      assert.deepEqual(JSON.parse(page.html), { sub: person.userId, email: person.email, ...more })
    })
  }

  it('signs the person out at the provider, and comes back: express-openid-connect', async (t) => {
    const app = { program: 'express-openid-connect.mjs', callback: '/callback' }
    const { origin } = await startForeignApp(t, provider, person, app)
    const browser = personAt(provider, origin, person)
    await browser.open(`${origin}/login`)
    const left = await browser.open(`${origin}/logout`)
    assert.equal(left.url.origin, origin, left.html)
    // The session at the provider has ended: the sign-in page is shown again.
    const again = await browser.at(new URL(origin)).get(`${origin}/login`)
    const page = await browser
      .at(new URL(provider.issuer))
      .follow(await browser.at(new URL(provider.issuer)).get(again.location ?? ''))
    assert.match(page.html, /name="password"/)
  })
})
