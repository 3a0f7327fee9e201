import assert from 'node:assert/strict'
import { it } from 'node:test'
import Provider, { errors } from 'oidc-provider'
import { nameClasses } from './class-names.ts'

it('gives models and errors the names that a bundler changed', () => {
  const provider = new Provider('http://localhost:3000')
  const classes = {
    AccessToken: provider.AccessToken,
    RefreshToken: provider.RefreshToken,
    Session: provider.Session,
    ReplayDetection: provider.ReplayDetection,
    AccessDenied: errors.AccessDenied,
  }
  for (const type of Object.values(classes)) Object.defineProperty(type, 'name', { value: 'Renamed2' })
  nameClasses(provider)
  assert.deepEqual(
    Object.values(classes).map(({ name }) => name),
    Object.keys(classes),
  )
  assert.equal(new provider.AccessToken({ clientId: 'app' } as never).kind, 'AccessToken')
  assert.equal(new errors.AccessDenied().name, 'AccessDenied')
})
