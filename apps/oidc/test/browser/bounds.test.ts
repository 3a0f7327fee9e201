import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { examineBounds } from '@daytona-auth/service/unbounded'
import type { z } from 'zod'
import { AccountFields, AccountQuery, HistoryQuery } from '../../src/flows/account/fields.ts'
import { InteractionForm } from '../../src/flows/interaction/fields.ts'
import { InteractionParams, InteractionPath } from '../../src/flows/interaction/open.ts'
import { MailedFields, MailedQuery } from '../../src/flows/mailed-link/mailed-page.ts'
import { LinkRequestFields } from '../../src/flows/mailed-link/request-routes.ts'
import { SignInQuery } from '../../src/flows/sign-in/routes.ts'
import { CallbackPath, CallbackQuery, UpstreamPath } from '../../src/flows/upstream/routes.ts'
import { PASSWORD, testProvider } from '../fixture.ts'
import { arrive, authorizationRequest, inputOf, visitor } from './visitor.ts'

/** The schemas that parse everything a browser sends to the provider's pages. */
const SCHEMAS: Record<string, z.ZodType> = {
  AccountFields,
  AccountQuery,
  HistoryQuery,
  InteractionForm,
  InteractionParams,
  InteractionPath,
  MailedFields,
  MailedQuery,
  LinkRequestFields,
  SignInQuery,
  CallbackPath,
  CallbackQuery,
  UpstreamPath,
}

/** The fields of oidc-provider's own forms, which it reads itself: see the protocol endpoints below. */
const OF_THE_LIBRARY = ['xsrf', 'user_code', 'confirm', 'abort', 'logout']

/** More than the longest error page needs. */
const SMALL = 8 * 1024

const REDIRECT = 'https://cobalt.example/callback'
const provider = await testProvider({ after })
const ada = await provider.person()
const spa = await provider.client(ada, { type: 'spa', redirectUris: [REDIRECT] })
const web = await provider.client(ada, { type: 'web', redirectUris: [REDIRECT] })

/** Creates text that is slow to normalize: a letter with combining marks of two classes in turn. */
const slow = (length: number) => `a${'\u0301'.repeat(length / 2)}${'\u0334'.repeat(length / 2)}`.padEnd(length, 'a')

describe('input to the pages', () => {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    it(`has a maximum for every member of ${name}`, () => {
      const { bounded, unbounded } = examineBounds(schema)
      assert.deepEqual(unbounded, [])
      assert.ok(bounded.length > 0)
    })
  }

  it('is read from the fields of the schemas only, in every template', async () => {
    const known = [
      ...Object.keys(InteractionForm.shape),
      ...Object.keys(AccountFields.shape),
      ...Object.keys(MailedFields.shape),
      ...OF_THE_LIBRARY,
    ]
    const seen = new Set<string>()
    for await (const file of glob(`${import.meta.dirname}/../../src/pages/templates/*.eta`)) {
      const fields = (await readFile(file, 'utf8')).matchAll(
        /<(?:input|button|textarea|select)\b[^>]*\bname="([^"]+)"/g,
      )
      for (const [, name = ''] of fields) {
        if (name.startsWith('<%')) continue // a form that is sent to the app
        seen.add(name)
        assert.ok(known.includes(name), `${name} in ${file}`)
      }
    }
    assert.ok(seen.size >= 10, `only ${seen.size} fields`)
  })
})

const FORMS: [action: string, fields: (keyof typeof InteractionForm.shape)[]][] = [
  ['sign-in', ['csrf', 'email', 'password']],
  ['sign-up', ['csrf', 'name', 'email', 'password']],
]

for (const [action, fields] of FORMS) {
  for (const field of fields) {
    const [list, text] = examineBounds(InteractionForm.shape[field]).bounded
    it(`${action} refuses a longer ${field}, and a repeated one, with a short page`, async () => {
      const visit = visitor(provider.issuer)
      const request = authorizationRequest(provider.issuer, { client_id: spa.clientId, redirect_uri: REDIRECT })
      const page = await arrive(visit, request)
      const good = { csrf: inputOf(page, 'csrf'), email: ada.email, name: 'Ada', password: PASSWORD }
      for (const value of [slow((text?.max ?? 0) + 1), slow(10_000), Array((list?.max ?? 0) + 1).fill(good.csrf)]) {
        const answer = await visit.post(`${page.url.pathname}/${action}`, { ...good, [field]: value })
        assert.equal(answer.status, field === 'csrf' ? 403 : 400)
        assert.ok(answer.html.length < SMALL, `${answer.html.length} characters`)
      }
    })
  }
}

for (const path of [
  '/oauth/invitation',
  '/oauth/invitation/take-over',
  '/oauth/invitation/sign-up',
  '/oauth/verify-email',
  '/oauth/recovery/password',
  '/oauth/recovery/keys',
  '/oauth/email-change/current',
  '/oauth/email-change/new',
]) {
  it(`${path} treats a longer token or password as invalid`, async () => {
    const visit = visitor(provider.issuer)
    for (const fields of [{ token: slow(9000) }, { token: 'a'.repeat(43), password: slow(9000) }]) {
      const answer = await visit.post(path, fields)
      assert.equal(answer.status, 404)
      assert.ok(answer.html.length < SMALL)
    }
  })
}

describe('the protocol endpoints answer a parameter of the maximum length with a short error', () => {
  const basic = `Basic ${Buffer.from(`${web.clientId}:${web.secret}`).toString('base64')}`
  const parameters: Record<string, readonly string[]> = {
    '/oauth/token': [
      'grant_type',
      'code',
      'code_verifier',
      'refresh_token',
      'redirect_uri',
      'scope',
      'device_code',
      'client_id',
    ],
    '/oauth/revoke': ['token', 'token_type_hint', 'client_id'],
    '/oauth/introspect': ['token', 'token_type_hint', 'client_id'],
    '/oauth/device_authorization': ['scope', 'client_id', 'resource', 'nonce'],
    '/oauth/device': ['xsrf', 'user_code', 'confirm', 'abort'],
    '/oauth/logout/confirm': ['xsrf', 'logout'],
  }
  for (const [path, names] of Object.entries(parameters)) {
    for (const name of names) {
      it(`${name} of ${path}`, async () => {
        const rest = path === '/oauth/token' && name !== 'grant_type' ? { grant_type: 'authorization_code' } : {}
        for (const value of ['a'.repeat(50_000), 'a '.repeat(25_000), slow(8_000)]) {
          const response = await fetch(`${provider.issuer}${path}`, {
            method: 'POST',
            headers: { authorization: basic, accept: 'text/html' },
            body: new URLSearchParams({ ...rest, [name]: value }),
          })
          const text = await response.text()
          assert.ok(response.status < 500, `${response.status} ${text.slice(0, 200)}`)
          assert.ok(text.length < SMALL, `${text.length} characters`)
        }
      })
    }
  }
})

it('logs no such input in full', () => {
  const longest = Math.max(...provider.log.lines().map((line) => JSON.stringify(line).length))
  assert.ok(longest < SMALL, `a line of ${longest} characters`)
})
