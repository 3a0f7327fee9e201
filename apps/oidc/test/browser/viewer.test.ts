import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { digestOf } from '@daytona-auth/auth'
import { PASSWORD } from '../fixture.ts'
import { confirmCode } from './device.ts'
import { actionOf, createOutdatedForms } from './outdated-forms.ts'
import { inputOf, visitor } from './visitor.ts'

const { provider, ada, grace, authorization, signIn, userCode, quick } = await createOutdatedForms({ after })

describe('a form whose page was opened for another account or session', () => {
  for (const { title, test } of quick) {
    it(`is answered with a page that explains it, and changes nothing: ${title}`, test)
  }
})

describe('an answer of an earlier page', () => {
  it('never signs an account in again whose session has ended', async () => {
    const visit = visitor(provider.issuer)
    const consent = await signIn(visit, ada)
    const old = { csrf: inputOf(consent, 'csrf'), decision: 'allow' }
    const action = actionOf(consent, 'consent')
    const signInPage = await visit.get(actionOf(consent, 'sign-in'))
    const between = await visit.follow(
      await visit.post(actionOf(consent, 'sign-in'), {
        csrf: inputOf(signInPage, 'csrf'),
        email: grace.email,
        password: PASSWORD,
      }),
    )
    const xsrf = inputOf(between, 'xsrf')
    // The switch is confirmed, and the browser does not follow the redirect that would sign Grace in.
    const confirmed = await visit.post('/oauth/logout/confirm', { xsrf, logout: 'yes' })
    assert.equal(confirmed.status, 303)
    const refused = await visit.post(action, old)
    assert.equal(refused.status, 400)
    const after = await visit.follow(await visit.get(authorization({ prompt: 'none' }).url))
    assert.equal(after.location?.searchParams.get('error'), 'login_required')
  })

  it('is not part of a later one: the result of a consent page contains no sign-in', async () => {
    const visit = visitor(provider.issuer)
    const consent = await signIn(visit, ada)
    const { location } = await visit.post(actionOf(consent, 'consent'), {
      csrf: inputOf(consent, 'csrf'),
      decision: 'allow',
    })
    const stored = await provider.database.$client<{ members: string[] }[]>`
      SELECT ARRAY(SELECT jsonb_object_keys(payload -> 'result')) AS members FROM oidc_artifacts
      WHERE model = 'Interaction' AND digest = ${digestOf(location?.pathname.split('/').pop() ?? '')}`
    assert.deepEqual([...stored], [{ members: ['consent'] }])
  })

  it('is not needed for a device: the confirmation leads to a separate sign-in', async () => {
    const visit = visitor(provider.issuer)
    const page = await confirmCode(visit, await userCode())
    assert.match(page.html, /name="password"/)
  })
})
