import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { dashboardClient, obtainAccessToken, type Person } from '../../apps/standalone/test/oauth-flow.ts'

/**
 * Uses a new deployment: a user signs up; the owner signs in, creates a key that may read sandboxes, and uses it for an
 * allowed and a denied request.
 * @returns the key
 */
export async function useEverything(origin: string, owner: Person): Promise<string> {
  const app = dashboardClient(origin)
  const newcomer = { email: 'newcomer@example.com', password: randomBytes(18).toString('base64url'), name: 'Newcomer' }
  await obtainAccessToken(origin, newcomer, app)
  return createAndUseKey(origin, await obtainAccessToken(origin, owner, app))
}

/** Creates a key with the credential, and uses it. */
export async function createAndUseKey(origin: string, credential: string): Promise<string> {
  const created = await call(origin, 'POST', '/api-keys', credential, {
    name: `tried-${randomBytes(4).toString('hex')}`,
    permissions: ['read:sandboxes'],
  })
  assert.equal(created.status, 201, JSON.stringify(created.body))
  const key = String(created.body['value'])
  assert.equal((await call(origin, 'GET', '/sandbox', key)).status, 200)
  const refused = await call(origin, 'POST', '/sandbox', key, {})
  assert.deepEqual(refused.body, { statusCode: 403, message: 'Forbidden', error: 'Insufficient permissions' })
  return key
}

async function call(origin: string, method: string, path: string, credential: string, body?: object) {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${credential}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
