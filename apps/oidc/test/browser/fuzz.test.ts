import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { unicodeString } from '@daytona-auth/testing/unicode'
import fc from 'fast-check'
import { PASSWORD, testProvider } from '../fixture.ts'
import { arrive, authorizationRequest, inputOf, send, visitor } from './visitor.ts'

const REDIRECT = 'https://cobalt.example/callback'
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200)

const provider = await testProvider({ after })
const ada = await provider.person()
const { clientId } = await provider.client(ada, { type: 'spa', redirectUris: [REDIRECT] })

/** Text of people and attackers: any Unicode, unpaired surrogates, NUL, markup, and characters special to parsers. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  unicodeString(),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '%',
    '%zz',
    '../../etc/passwd',
    '__proto__',
    '<script>',
    "' OR 1=1 --",
    '\r\nx: y',
  ),
  fc.nat({ max: 5000 }).map((length) => 'x'.repeat(length)),
)
const field = fc.constantFrom(
  'email',
  'password',
  'name',
  'organization',
  'decision',
  'csrf',
  '__proto__',
  'constructor',
)
const form = fc.array(fc.tuple(fc.oneof(field, text), text), { maxLength: 8 }).map((pairs) => {
  return pairs.map(
    ([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`,
  )
})
const body = fc.oneof(
  form.map((pairs) => pairs.join('&')),
  text.map((raw) => raw.toWellFormed()),
)
const type = fc.oneof(
  { weight: 8, arbitrary: fc.constant('application/x-www-form-urlencoded') },
  { weight: 2, arbitrary: fc.constantFrom('application/json', 'text/plain', 'multipart/form-data', 'x') },
)

/** Checks that an answer is an error page or a redirect, and never a server error. */
async function assertNoServerError(response: Response): Promise<void> {
  const html = await response.text()
  assert.ok(response.status < 500, `${response.status} ${html}`)
  if (response.status === 303) return
  assert.ok(!html.includes('<script>'), html)
}

describe('arbitrary input to the pages', () => {
  for (const prompt of ['login', 'consent'] as const) {
    it(`causes no server error at the ${prompt} prompt`, async () => {
      const visit = visitor(provider.issuer)
      const request = { client_id: clientId, redirect_uri: REDIRECT, prompt: 'consent', scope: 'openid read:sandboxes' }
      let page = await arrive(visit, authorizationRequest(provider.issuer, request))
      if (prompt === 'consent') {
        page = await visit.follow(await send(visit, page, 'sign-in', { email: ada.email, password: PASSWORD }))
      }
      const csrf = inputOf(page, 'csrf')
      const cookie = visit.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')

      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('sign-in', 'sign-up', 'cancel', 'consent'),
          body,
          type,
          fc.boolean(),
          async (action, sent, contentType, hasToken) => {
            await assertNoServerError(
              await fetch(`${page.url.href}/${action}`, {
                method: 'POST',
                redirect: 'manual',
                headers: { cookie, 'content-type': contentType },
                body: hasToken ? `${sent}&csrf=${csrf}` : sent,
              }),
            )
          },
        ),
        { numRuns: RUNS },
      )
    })
  }

  it('causes no server error in paths, queries and cookies', async () => {
    const part = text.map((raw) => encodeURIComponent(raw.slice(0, 300).toWellFormed()))
    await fc.assert(
      fc.asyncProperty(
        part,
        part,
        part,
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
        async (uid, rest, value, method) => {
          await assertNoServerError(
            await fetch(`${provider.issuer}/oauth/interaction/${uid}/${rest}?${rest}=${value}`, {
              method,
              redirect: 'manual',
              headers: { cookie: `interaction=${value}; interaction.sig=${rest}; session=${uid}` },
            }),
          )
        },
      ),
      { numRuns: RUNS },
    )
  })
})
