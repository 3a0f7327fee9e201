import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { inAudit, systemAuthority } from '@daytona-auth/db/audit'
import { digestUpstreamSid, saveUpstreamSession } from '@daytona-auth/db/grants'
import { endUpstreamSessions } from '@daytona-auth/db/users'
import { waitFor } from '@daytona-auth/testing'
import { isDenied } from '../src/principal/result.ts'
import { ADDRESS, claimsOf, sign, type TestVerifier, verifierOn, world } from './world.ts'

/** Two processes on one database. */
const here = await world({ after })
const signer = await here.signer()
await here.publish(signer)
const both = [await verifierOn({ after }, here.url), await verifierOn({ after }, here.url)]
const ISSUER = 'https://login.example'

async function state({ verifier }: TestVerifier, credential: string): Promise<string> {
  const answer = await verifier.verify(credential, ADDRESS)
  return isDenied(answer) ? answer.reason : 'allowed'
}

describe('a logout token of an upstream provider, in two processes', () => {
  it('ends the access tokens of the session that it names, and no other', async () => {
    const user = await here.user()
    const clientId = await here.client()
    const organizationIds = [await here.organization(user, { isPersonal: true })]
    const subject = randomUUID()
    const now = Math.floor(Date.now() / 1000)

    async function signedIn(sid: string): Promise<string> {
      const login = { issuer: ISSUER, subject, sid: digestUpstreamSid({ issuer: ISSUER }, sid), issuedAt: 1 }
      const sessionUid = randomUUID()
      const session = {
        model: 'Session',
        digest: randomBytes(32),
        payload: { identity: { issuer: ISSUER, subject, session: { sid: login.sid, issuedAt: 1 } } },
        grantId: null,
        accountId: user,
        clientId: null,
        uid: sessionUid,
        userCode: null,
        expiresAt: now + 3600,
      }
      assert.ok(await saveUpstreamSession(here.database, login, session, undefined))
      const grantId = await here.grant(user, clientId, { scopes: ['openid'], organizationIds, sessionUid })
      return sign(signer, claimsOf({ userId: user, clientId, grantId }))
    }
    const [first, second] = [randomUUID(), randomUUID()]
    const [token, other] = [await signedIn(first), await signedIn(second)]
    await Promise.all(both.map((process) => process.caughtUp()))
    for (const process of both) {
      for (const one of [token, other]) {
        assert.equal(await state(process, one), 'allowed')
        assert.ok(!(process.verifier.verify(one, ADDRESS) instanceof Promise), 'not cached')
      }
    }

    const logout = { issuer: ISSUER, subject, sid: first, jti: randomUUID(), issuedAt: now, acceptedUntil: now + 300 }
    const ended = await inAudit(
      here.database,
      systemAuthority('logout token'),
      () => [],
      (tx) => endUpstreamSessions(tx, logout),
    )
    assert.equal(ended?.length, 1)
    for (const process of both) {
      await waitFor(async () => (await state(process, token)) === 'grant-revoked')
      assert.equal(await state(process, other), 'allowed')
    }
  })
})
