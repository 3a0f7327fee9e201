import { ACR, satisfiesAcr } from '@daytona-auth/protocol/authentication-context'
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { isReachable, readRequestedAcr } from './requested-acr.ts'

/** The maximum time between a sign-in and the end of its authorization, for the pages and redirects in between. */
const SAME_AUTHORIZATION_SECONDS = 60

/**
 * Creates the library's policy with other checks of the login prompt:
 * - A user who was disabled between signing in and resuming signs in again.
 * - `prompt=login` is satisfied by the sign-in of this authorization. The library looks for that sign-in in the last
 *   result, so every earlier result would have to be merged into it. Then an old page could sign in an account whose
 *   session has ended.
 * - `max_age` is compared with the time of the password check each time the authorization is resumed. The library skips
 *   the comparison after any sign-in of this authorization, regardless of its age.
 * - A session that was signed in without the second factor of its account, and not in a browser that
 *   the account trusts, signs in again.
 * - `acr_values` that a session does not reach lead to a sign-in, once: the values are voluntary (OIDC Core §5.5.1.1), and the
 *   `acr` of the id_token states what was reached. An essential `acr` (the `claims` parameter) is required: if the sign-in of
 *   this authorization does not reach it either, the app gets `unmet_authentication_requirements`. A stronger one satisfies
 *   it. The library would show the sign-in page without end.
 * - `prompt=create` opens the sign-up page (Initiating User Registration via OpenID Connect), and `prompt=select_account` an
 *   empty sign-in page, also for a user who is signed in. Both are satisfied by a sign-in of this authorization.
 *
 * `now` is in milliseconds since the epoch.
 */
export function createLoginPolicy(now: () => number) {
  const base = interactionPolicy.base()
  const checks = base.get('login')?.checks
  if (!checks) throw new Error('the library has no login prompt')
  const { Check, Prompt } = interactionPolicy
  const verdict = (isRequired: boolean) => (isRequired ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT)

  checks.remove('login_prompt')
  checks.add(
    new Check('login_prompt', 'login prompt was not resolved', 'login_required', ({ oidc }) =>
      verdict(oidc.prompts.has('login') && !hasSignedIn(oidc)),
    ),
    0,
  )
  checks.remove('essential_acr')
  checks.remove('essential_acrs')
  checks.remove('max_age')
  checks.add(
    new Check('max_age', 'End-User authentication could not be obtained', 'login_required', ({ oidc }) => {
      const { max_age: maxAge } = oidc.params ?? {}
      if (maxAge === undefined) return Check.NO_NEED_TO_PROMPT
      const allowed = hasSignedIn(oidc) ? Math.max(Number(maxAge), SAME_AUTHORIZATION_SECONDS) : Number(maxAge)
      const checkedAt = oidc.session?.loginTs
      return verdict(checkedAt === undefined || Math.floor(now() / 1000) - checkedAt > allowed)
    }),
  )
  checks.add(
    new Check('account_unavailable', 'End-User account is not available', 'login_required', ({ oidc }) =>
      verdict(oidc.session?.accountId !== undefined && oidc.account === undefined),
    ),
  )
  checks.add(
    new Check(
      'second_factor',
      'the account needs a second factor',
      'login_required',
      ({ oidc: { session, account } }) =>
        verdict(
          session?.accountId !== undefined &&
            account?.['hasSecondFactor'] !== false &&
            !satisfiesAcr(session.acr, [ACR.trustedBrowser]),
        ),
    ),
  )
  checks.add(
    new Check('acr_values', 'a stronger sign-in is requested', 'login_required', ({ oidc }) => {
      const { preferred, required } = readRequestedAcr(oidc.params)
      if (required && !isReachable(required)) throw new errors.UnmetAuthenticationRequirements(UNMET)
      if (oidc.session?.accountId === undefined) return Check.NO_NEED_TO_PROMPT
      const { acr } = oidc.session
      if (required && !satisfiesAcr(acr, required)) {
        if (hasSignedIn(oidc)) throw new errors.UnmetAuthenticationRequirements(UNMET)
        return Check.REQUEST_PROMPT
      }
      return verdict(!hasSignedIn(oidc) && !satisfiesAcr(acr, preferred))
    }),
  )
  for (const name of ['select_account', 'create']) {
    const prompt = new Prompt({ name, requestable: true })
    // The library's own check looks at the last result only, which may be that of the consent page.
    prompt.checks.remove(`${name}_prompt`)
    prompt.checks.add(
      new Check(
        `${name}_prompt`,
        `${name} prompt was not resolved`,
        name === 'create' ? 'interaction_required' : 'account_selection_required',
        ({ oidc }) => verdict(oidc.prompts.has(name) && !hasSignedIn(oidc)),
      ),
    )
    base.add(prompt, 0)
  }
  return base
}

const UNMET = 'the sign-in does not reach a required acr'

/** The values of `prompt` that a request may have. */
export const PROMPTS = ['none', 'login', 'consent', 'select_account', 'create'] as const

/** Whether the session's last sign-in belongs to this authorization: to this step or the one before. */
function hasSignedIn({ entities, result, session }: KoaContextWithOIDC['oidc']): boolean {
  const login = result?.login ?? entities.Interaction?.lastSubmission?.login
  return (
    login !== undefined &&
    session?.accountId !== undefined &&
    login.accountId === session.accountId &&
    login.ts === session.loginTs
  )
}
