import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { testProvider, userinfo } from '../fixture.ts'
import { personAt, startForeignApp } from './foreign-app.ts'

const provider = await testProvider({ after })
const person = await provider.person()

const APPS = [
  { name: 'passport-openidconnect', program: 'passport.mjs', callback: '/callback' },
  { name: 'express-openid-connect', program: 'express-openid-connect.mjs', callback: '/callback' },
  { name: 'Auth.js', program: 'auth-js.mjs', callback: '/auth/callback/daytona' },
]

describe('an app of a foreign client library, unmodified,', () => {
  for (const { name, program, callback } of APPS) {
    it(`signs a person in, uses its token, refreshes it and signs out: ${name}`, async (t) => {
      const { origin } = await startForeignApp(t, provider, person, { program, callback })
      const browser = personAt(provider, origin, person)
      await browser.open(`${origin}/login`)
      const page = await browser.open(`${origin}/me`)
      assert.equal(page.status, 200, page.html)
      const { token, ...shown } = JSON.parse(page.html)
      assert.deepEqual(shown, { sub: person.userId, email: person.email })
      assert.equal((await userinfo(provider, token)).status, 200)

      const { token: renewed } = JSON.parse((await browser.open(`${origin}/renew`)).html)
      assert.notEqual(renewed, token)
      assert.equal((await userinfo(provider, renewed)).status, 200)

      const left = await browser.open(`${origin}/logout`)
      assert.equal(left.url.href, `${origin}/`, left.html)
      assert.equal((await userinfo(provider, renewed)).status, 401)
      assert.equal((await browser.open(`${origin}/me`)).status, 401)
      // The session at the provider has ended: the sign-in page is shown again.
      const again = await browser.at(new URL(origin)).get(`${origin}/login`)
      const at = browser.at(new URL(provider.issuer))
      assert.match((await at.follow(await at.get(again.location ?? ''))).html, /name="password"/)
    })
  }
})
