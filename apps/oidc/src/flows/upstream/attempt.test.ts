import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fastify from 'fastify'
import { createUpstreamAttempts, type UpstreamAttempts, type UpstreamSecrets } from './attempt.ts'

const OLD = 'the cookie key until the rotation'
const NEW = 'the cookie key after the rotation'

const attemptsWith = (...cookieKeys: string[]) =>
  createUpstreamAttempts({ issuer: 'https://auth.example.com', cookieKeys, now: () => 0 })

interface Begun extends UpstreamSecrets {
  readonly state: string
  readonly cookie: string
}

/** Begins an attempt in a browser without cookies. */
async function begin(attempts: UpstreamAttempts): Promise<Begun> {
  const app = fastify()
  app.get('/', (request, reply) => attempts.begin(request, reply, 'acme', { uid: 'interaction', viewer: undefined }))
  const response = await app.inject('/')
  const [cookie = ''] = String(response.headers['set-cookie']).split(';')
  return { ...response.json(), cookie }
}

/** Returns what a process finds for the answer to an attempt; null without the attempt or its secrets. */
async function finish(attempts: UpstreamAttempts, { state, cookie }: Begun): Promise<UpstreamSecrets | null> {
  const app = fastify()
  app.get('/', (request, reply) => {
    const attempt = attempts.find(request, 'acme', state)
    return reply.send((attempt && attempts.secretsOf(attempt)) ?? null)
  })
  return (await app.inject({ path: '/', headers: { cookie } })).json()
}

describe('an upstream sign-in that was begun before COOKIE_KEYS were replaced', () => {
  it('is not continued without the key that began it', async () => {
    assert.equal(await finish(attemptsWith(NEW), await begin(attemptsWith(OLD))), null)
  })

  it('has other secrets under another key', async () => {
    const [old, fresh] = [await begin(attemptsWith(OLD)), await begin(attemptsWith(NEW))]
    assert.notEqual(old.nonce, fresh.nonce)
    assert.notEqual(old.nonce, old.codeVerifier)
  })

  for (const [step, before, after] of [
    ['the new key is trusted', [OLD], [OLD, NEW]],
    ['the new key signs', [OLD, NEW], [NEW, OLD]],
    ['another process does not sign with the new key yet', [NEW, OLD], [OLD, NEW]],
  ] as const) {
    it(`continues with its nonce and code verifier when ${step}`, async () => {
      const begun = await begin(attemptsWith(...before))
      const { nonce, codeVerifier } = begun
      assert.deepEqual(await finish(attemptsWith(...after), begun), { nonce, codeVerifier })
    })
  }
})
