import assert from 'node:assert/strict'
import type { Scope } from '@daytona-auth/testing'
import { CLI, PASSWORD, type Person, post, testProvider } from '../fixture.ts'
import { enterCode } from './device.ts'
import { type Answer, arrive, authorizationRequest, inputOf, textOf, type Visitor, visitor } from './visitor.ts'

interface OpenForm {
  readonly action: string
  readonly fields: Record<string, string>
}

interface FormCase {
  /** Opens the page in a browser in any state, and fills in its form. */
  readonly open: (visit: Visitor) => Promise<OpenForm>
  /** Whether the page is for any visitor or only for a signed-in user. */
  readonly isFor: 'anyone' | 'signed-in'
}

/** A form, and a way in which its browser's session is replaced while the page is open. */
export interface OutdatedForm {
  readonly title: string
  /** Requires that the form is answered with a page that explains it, and changes nothing. */
  readonly test: () => Promise<void>
}

/** The change after which an answer would act for another account. */
const ANOTHER = 'the account signed out and another signed in'

export const actionOf = ({ html }: Answer, last: string): string =>
  `${/\/oauth\/interaction\/[^/"]+/.exec(html)?.[0] ?? assert.fail(html)}/${last}`

/** Starts a provider with two people and an app, and lists every form with every change of the session. */
export async function createOutdatedForms(scope: Scope) {
  const provider = await testProvider(scope)
  const [ada, grace] = [await provider.person(), await provider.person('Grace Hopper')]
  const { clientId, redirectUri } = await provider.client(ada, {
    type: 'spa',
    redirectUris: ['https://cobalt.example/callback'],
    postLogoutRedirectUris: ['https://cobalt.example/bye'],
  })

  const authorization = (extra: Record<string, string> = {}) =>
    authorizationRequest(provider.issuer, { client_id: clientId, redirect_uri: redirectUri, ...extra })

  /** Signs in on the way to another app in the same browser. */
  async function signIn(visit: Visitor, { email }: Person): Promise<Answer> {
    const page = await arrive(visit, authorization({ prompt: 'consent' }))
    const fields = { csrf: inputOf(page, 'csrf'), email, password: PASSWORD }
    return visit.follow(await visit.post(actionOf(page, 'sign-in'), fields))
  }

  async function signOut(visit: Visitor): Promise<void> {
    const page = await visit.get('/oauth/logout')
    await visit.post('/oauth/logout/confirm', { xsrf: inputOf(page, 'xsrf'), logout: 'yes' })
  }

  async function userCode(): Promise<string> {
    const { body } = await post(provider, '/oauth/device_authorization', CLI, { scope: 'openid' })
    return body['user_code'] ?? ''
  }

  const interactionForm =
    (action: string, parameters: Record<string, string>, fields: Record<string, string>, from = '') =>
    async (visit: Visitor): Promise<OpenForm> => {
      const start = await arrive(visit, authorization(parameters))
      const page = from === '' ? start : await visit.get(actionOf(start, from))
      return { action: actionOf(page, action), fields: { ...fields, csrf: inputOf(page, 'csrf') } }
    }

  const signOutForm = (fields: Record<string, string>) => async (visit: Visitor) => {
    const page = await visit.get(`/oauth/logout?client_id=${clientId}`)
    return { action: '/oauth/logout/confirm', fields: { ...fields, xsrf: inputOf(page, 'xsrf') } }
  }

  const deviceForm = (fields: Record<string, string>) => async (visit: Visitor) => {
    const code = await userCode()
    const page = await enterCode(visit, code)
    return { action: '/oauth/device', fields: { xsrf: inputOf(page, 'xsrf'), user_code: code, ...fields } }
  }

  /** Every form that is answered in the name of a session, or that begins one. */
  const FORMS: Record<string, FormCase> = {
    'sign-in': {
      isFor: 'anyone',
      open: interactionForm('sign-in', { prompt: 'login' }, { email: grace.email, password: PASSWORD }),
    },
    'sign-in as another account': {
      isFor: 'signed-in',
      open: interactionForm('sign-in', { prompt: 'consent' }, { email: grace.email, password: PASSWORD }, 'sign-in'),
    },
    'sign-up': {
      isFor: 'anyone',
      open: interactionForm(
        'sign-up',
        { prompt: 'login' },
        { email: 'new@example.com', name: 'New', password: 'violin-harbor-teacup-7' },
        'sign-up',
      ),
    },
    cancel: { isFor: 'anyone', open: interactionForm('cancel', { prompt: 'login' }, {}) },
    'consent, allowed': {
      isFor: 'signed-in',
      open: interactionForm('consent', { prompt: 'consent' }, { decision: 'allow' }),
    },
    'consent, denied': {
      isFor: 'signed-in',
      open: interactionForm('consent', { prompt: 'consent' }, { decision: 'deny' }),
    },
    'sign-out': { isFor: 'signed-in', open: signOutForm({ logout: 'yes' }) },
    'sign-out of one app': { isFor: 'signed-in', open: signOutForm({}) },
    'switch account': {
      isFor: 'signed-in',
      async open(visit) {
        const start = await arrive(visit, authorization({ prompt: 'consent' }))
        const fields = { csrf: inputOf(start, 'csrf'), email: grace.email, password: PASSWORD }
        const between = await visit.follow(await visit.post(actionOf(start, 'sign-in'), fields))
        return { action: '/oauth/logout/confirm', fields: { xsrf: inputOf(between, 'xsrf'), logout: 'yes' } }
      },
    },
    'device code': {
      isFor: 'anyone',
      async open(visit) {
        const page = await visit.get('/oauth/device')
        return { action: '/oauth/device', fields: { xsrf: inputOf(page, 'xsrf'), user_code: await userCode() } }
      },
    },
    'device confirmation': { isFor: 'anyone', open: deviceForm({ confirm: 'yes' }) },
    'device denial': { isFor: 'anyone', open: deviceForm({ confirm: 'yes', abort: 'yes' }) },
  }

  /** The ways in which a browser's session is replaced while a page is open. */
  const CHANGES: Record<string, { from: 'signed-out' | 'signed-in'; change: (visit: Visitor) => Promise<unknown> }> = {
    'a user signed in': { from: 'signed-out', change: (visit) => signIn(visit, ada) },
    'the account signed out': { from: 'signed-in', change: signOut },
    [ANOTHER]: {
      from: 'signed-in',
      async change(visit) {
        await signOut(visit)
        await signIn(visit, grace)
      },
    },
    'the account signed out and in again': {
      from: 'signed-in',
      async change(visit) {
        await signOut(visit)
        await signIn(visit, ada)
      },
    },
    'the session was ended elsewhere': {
      from: 'signed-in',
      change: () =>
        provider.database.$client`DELETE FROM oidc_artifacts WHERE account_id = ${ada.userId} AND model = 'Session'`,
    },
  }

  /** The state that an answer must not have changed. */
  const state = async () => [
    ...(await provider.database.$client`
      SELECT (SELECT count(*)::int FROM grants) AS grants, (SELECT count(*)::int FROM users) AS users,
        (SELECT count(*)::int FROM oidc_artifacts WHERE model = 'Session' AND account_id IS NOT NULL) AS sessions,
        (SELECT count(*)::int FROM oidc_artifacts WHERE payload ? 'result') AS results,
        (SELECT count(*)::int FROM oidc_artifacts WHERE payload ? 'inFlight' OR payload ? 'error') AS answered,
        (SELECT count(*)::int FROM consents) AS consents`),
  ]

  const cases = Object.entries(FORMS).map(([name, { open, isFor }]) =>
    Object.entries(CHANGES)
      .filter(([, { from }]) => from === 'signed-in' || isFor === 'anyone')
      .map(([what, { from, change }]): OutdatedForm & { what: string } => ({
        what,
        title: `${name}, after ${what}`,
        async test() {
          const visit = visitor(provider.issuer)
          if (from === 'signed-in') await signIn(visit, ada)
          const { action, fields } = await open(visit)
          await change(visit)
          const before = await state()
          const answer = await visit.post(action, fields)
          assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.location}`)
          assert.match(textOf(answer), /page (is|was) out of date|^This sign-in has expired/)
          assert.equal(answer.location, undefined)
          assert.deepEqual(await state(), before)
        },
      })),
  )
  // Each form after the change to another account and after one of the others, so that each change is tested.
  const quick = cases.flatMap((changes, place) =>
    changes.filter(({ what }, index) => what === ANOTHER || index === place % changes.length),
  )
  const slow = cases.flat().filter((each) => !quick.includes(each))
  return { provider, ada, grace, authorization, signIn, userCode, quick, slow }
}
