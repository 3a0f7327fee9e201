import { ACCOUNT_PAGES } from '../../src/pages/account-pages.ts'
import { PASSWORD } from '../fixture.ts'
import type { Step } from './endings.ts'
import type { World } from './world.ts'

const ACCOUNT_ENDINGS = ['user', 'signed out', 'session removed', 'session expired'] as const
export const NEW_PASSWORD = 'violin harbor teacup 9'

/** The forms of the account's pages and the links in its mails. */
export function createAccountSteps(world: World): Record<string, Step> {
  const { sql, createScene, prepareAccountForm, signInElsewhere, nextAddress, createToken } = world
  return {
    'the form of the profile': {
      endings: ACCOUNT_ENDINGS,
      prepare: async () => prepareAccountForm(await createScene(), ACCOUNT_PAGES.profile, { name: 'Ada King' }),
    },
    'the form of the password': {
      endings: ACCOUNT_ENDINGS,
      prepare: async () =>
        prepareAccountForm(await createScene(), ACCOUNT_PAGES.password, {
          password: PASSWORD,
          new_password: NEW_PASSWORD,
        }),
    },
    'the form of a session': {
      endings: ACCOUNT_ENDINGS,
      async prepare() {
        const at = await createScene()
        await signInElsewhere(at)
        const [other] = await sql`
          SELECT uid FROM oidc_artifacts WHERE model = 'Session' AND account_id = ${at.person.userId}`
        return prepareAccountForm(at, ACCOUNT_PAGES.sessions, { session: other?.['uid'] })
      },
    },
    'the form of all other sessions': {
      endings: ACCOUNT_ENDINGS,
      async prepare() {
        const at = await createScene()
        await signInElsewhere(at)
        return prepareAccountForm(at, ACCOUNT_PAGES.sessions, { decision: 'others' })
      },
    },
    'the form of an app': {
      endings: ACCOUNT_ENDINGS,
      async prepare() {
        const at = await createScene()
        await signInElsewhere(at)
        return prepareAccountForm(at, ACCOUNT_PAGES.apps, { client: at.client.clientId })
      },
    },
    'the form that requests another address': {
      endings: [...ACCOUNT_ENDINGS, 'recent sign-in'],
      prepare: async () => prepareAccountForm(await createScene(), ACCOUNT_PAGES.email, { email: nextAddress() }),
    },
    'the form that cancels a change of the address': {
      endings: ACCOUNT_ENDINGS,
      async prepare() {
        const at = await createScene()
        await createToken(at, 'email-change-new', nextAddress())
        return prepareAccountForm(at, ACCOUNT_PAGES.email, { decision: 'cancel' })
      },
    },
    'the link that confirms another address': {
      endings: ['user'],
      async prepare() {
        const at = await createScene()
        const token = await createToken(at, 'email-change-new', nextAddress())
        return { ...at, method: 'POST', path: '/oauth/email-change/new', form: { token, decision: 'confirm' } }
      },
    },
    'the link that cancels a change of the address': {
      endings: ['user'],
      async prepare() {
        const at = await createScene()
        const token = await createToken(at, 'email-change-current', nextAddress())
        return { ...at, method: 'POST', path: '/oauth/email-change/current', form: { token, decision: 'cancel' } }
      },
    },
    'the form that deletes the account': {
      endings: [...ACCOUNT_ENDINGS, 'recent sign-in'],
      async prepare() {
        const at = await createScene()
        return prepareAccountForm(at, ACCOUNT_PAGES.deletion, { decision: 'delete', email: at.person.email })
      },
    },
  }
}
