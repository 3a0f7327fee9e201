import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isOriginOf, issuesRefreshToken, skipsConsent } from './policy.ts'

const dashboard = { applicationType: 'web', first_party: true }
const cli = { applicationType: 'native', first_party: true }
const web = { applicationType: 'web', first_party: false }
const native = { applicationType: 'native' }

describe('skipsConsent', () => {
  it('is for our own web apps only: any process can pose as a native app', () => {
    assert.deepEqual([dashboard, cli, web, native].map(skipsConsent), [true, false, false, false])
  })

  it('accepts only the boolean true', () => {
    for (const first_party of ['true', 1, {}, undefined]) assert.equal(skipsConsent({ ...web, first_party }), false)
  })
})

describe('issuesRefreshToken', () => {
  it('is for our own and native apps, and for others with offline_access', () => {
    const identity = new Set(['openid'])
    const offline = new Set(['openid', 'offline_access'])
    assert.deepEqual(
      [dashboard, cli, web, native].map((client) => issuesRefreshToken(client, identity)),
      [true, true, false, true],
    )
    assert.ok(issuesRefreshToken(web, offline))
  })
})

describe('isOriginOf', () => {
  const spa = {
    applicationType: 'web',
    clientAuthMethod: 'none',
    redirectUris: ['https://a.example/cb', 'http://localhost:5173/cb'],
  }

  it('is the origin of a redirect URI of a public web app', () => {
    for (const origin of ['https://a.example', 'http://localhost:5173']) assert.ok(isOriginOf(origin, spa))
  })

  it('is no other origin, and none for a confidential or native app', () => {
    for (const origin of [
      'null',
      '',
      'https://a.example:8443',
      'http://a.example',
      'https://b.example',
      'https://a.example.evil',
    ]) {
      assert.ok(!isOriginOf(origin, spa), origin)
    }
    assert.ok(!isOriginOf('https://a.example', { ...spa, clientAuthMethod: 'client_secret_basic' }))
    assert.ok(!isOriginOf('https://a.example', { ...spa, applicationType: 'native' }))
    assert.ok(!isOriginOf('null', { ...spa, redirectUris: ['com.example.app:/cb'] }))
  })
})
