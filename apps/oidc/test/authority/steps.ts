import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { newId } from '@daytona-auth/db/core'
import { insertInvitation } from '@daytona-auth/db/organizations'
import { createEmailVerification } from '@daytona-auth/db/users'
import { answerDevice, arriveAtConsent } from '../browser/device.ts'
import { inputOf, send, visitor } from '../browser/visitor.ts'
import { browser, DEVICE_CODE, PASSWORD, redeem, type TestClient } from '../fixture.ts'
import { createAccountSteps, NEW_PASSWORD } from './account-steps.ts'
import type { Step } from './endings.ts'
import { SCOPE, type World } from './world.ts'

const basic = ({ clientId, secret }: TestClient): Record<string, string> =>
  secret === undefined ? {} : { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` }

/** Every step of the provider that writes, by its name. */
export function createSteps(world: World): Record<string, Step> {
  const {
    provider,
    sql,
    developer,
    inTestTransaction,
    createScene,
    openSignInPage,
    openConsentPage,
    submitConsent,
    buildAuthorization,
    requestDeviceCode,
    createToken,
  } = world
  return {
    'the sign-in form': {
      endings: ['user'],
      async prepare() {
        const at = await createScene()
        const { visit, page, start } = await openSignInPage(at)
        const form = { csrf: inputOf(page, 'csrf'), email: at.person.email, password: PASSWORD }
        return { ...at, method: 'POST', path: `${start}/sign-in`, visit, form }
      },
    },
    'the consent form, allowed': {
      endings: ['user', 'signed out', 'session removed', 'session expired', 'client', 'membership'],
      async prepare() {
        const at = await createScene()
        const { visit, page, start } = await openConsentPage(at)
        const form = { csrf: inputOf(page, 'csrf'), decision: 'allow', organization: at.organization }
        return { ...at, method: 'POST', path: `${start}/consent`, visit, form }
      },
    },
    'the consent form, denied': {
      endings: ['user', 'signed out', 'session removed', 'session expired', 'client'],
      async prepare() {
        const at = await createScene()
        const { visit, page, start } = await openConsentPage(at)
        const form = { csrf: inputOf(page, 'csrf'), decision: 'deny' }
        return { ...at, method: 'POST', path: `${start}/consent`, visit, form }
      },
    },
    'an authorization that is resumed': {
      endings: ['user', 'signed out', 'session removed', 'session expired', 'client', 'consent'],
      async prepare() {
        const at = await createScene()
        const { visit, resume } = await submitConsent(at)
        return { ...at, method: 'GET', path: resume, visit }
      },
    },
    'an authorization without a page': {
      endings: ['user', 'signed out', 'session removed', 'session expired', 'client', 'consent'],
      async prepare() {
        const at = await createScene()
        const { visitor: visit, authorize } = browser(provider, at.person)
        await authorize(at.client, { scope: 'openid' })
        const url = new URL(buildAuthorization(at, { scope: 'openid', prompt: 'none' }).url)
        return { ...at, method: 'GET', path: url.pathname + url.search, visit }
      },
    },
    'the approval of a device': {
      endings: ['user', 'signed out', 'session removed', 'session expired', 'client', 'consent'],
      async prepare() {
        const at = await createScene('native')
        const { userCode } = await requestDeviceCode(at)
        const visit = visitor(provider.issuer)
        const page = await arriveAtConsent(visit, userCode, at.person)
        const answer = await send(visit, page, 'consent', { decision: 'allow', organization: at.organization })
        assert.ok(answer.location, answer.html)
        return { ...at, method: 'GET', path: answer.location.pathname, visit }
      },
    },
    'a code': {
      endings: ['user', 'signed out', 'client', 'grant'],
      async prepare() {
        const at = await createScene()
        const { code, verifier, redirectUri } = await browser(provider, at.person).authorize(at.client, {
          scope: SCOPE,
        })
        const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri }
        return { ...at, method: 'POST', path: '/oauth/token', form, headers: basic(at.client) }
      },
    },
    'a refresh token': {
      endings: ['user', 'signed out', 'client', 'grant'],
      async prepare() {
        const at = await createScene()
        const authorization = await browser(provider, at.person).authorize(at.client, {
          scope: SCOPE,
          prompt: 'consent',
        })
        const { body } = await redeem(provider, at.client, authorization)
        const form = { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' }
        return { ...at, method: 'POST', path: '/oauth/token', form, headers: basic(at.client) }
      },
    },
    'a device code': {
      endings: ['user', 'client', 'grant'],
      async prepare() {
        const at = await createScene('native')
        const { deviceCode, userCode } = await requestDeviceCode(at)
        await answerDevice(visitor(provider.issuer), userCode, at.person, {
          decision: 'allow',
          organization: [at.organization],
        })
        const form = { grant_type: DEVICE_CODE, device_code: deviceCode, client_id: at.client.clientId }
        return { ...at, method: 'POST', path: '/oauth/token', form }
      },
    },
    'the link of an invitation': {
      endings: ['user'],
      async prepare() {
        const at = await createScene()
        const token = randomBytes(32).toString('base64url')
        await sql`UPDATE users SET email_verified = false WHERE id = ${at.person.userId}`
        const content = {
          email: at.person.email,
          role: 'member' as const,
          roleIds: [],
          invitedBy: developer.userId,
          expiresAt: new Date(Date.now() + 60_000),
          tokenDigest: hash('sha256', token, 'buffer'),
        }
        await inTestTransaction((tx) => insertInvitation(tx, developer.organizationId, newId('inv'), content))
        return { ...at, method: 'POST', path: '/oauth/invitation', form: { token, password: PASSWORD } }
      },
    },
    'the verification link of an address': {
      endings: ['user'],
      async prepare() {
        const at = await createScene()
        const { userId, email } = at.person
        const token = randomBytes(32).toString('base64url')
        await sql`UPDATE users SET email_verified = false WHERE id = ${userId}`
        const mail = { email, tokenDigest: hash('sha256', token, 'buffer'), expiresAt: new Date(Date.now() + 60_000) }
        await inTestTransaction((tx) => createEmailVerification(tx, userId, mail))
        return { ...at, method: 'POST', path: '/oauth/verify-email', form: { token, password: PASSWORD } }
      },
    },
    'the recovery link of an account': {
      endings: ['user'],
      async prepare() {
        const at = await createScene()
        const token = await createToken(at, 'recovery')
        return { ...at, method: 'POST', path: '/oauth/recovery/password', form: { token, password: NEW_PASSWORD } }
      },
    },
    'the link that revokes keys': {
      endings: ['user'],
      async prepare() {
        const at = await createScene()
        const token = await createToken(at, 'key-revocation')
        return { ...at, method: 'POST', path: '/oauth/recovery/keys', form: { token } }
      },
    },
    ...createAccountSteps(world),
  }
}
