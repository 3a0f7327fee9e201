import { Denial } from '@daytona-auth/service'
import type { Principal } from '../principal/principal.ts'
import type { SignInRequirement } from '../principal/sign-in.ts'

/** Makes the 401 that asks for a stronger or more recent sign-in (RFC 9470 section 3). */
export type StepUpChallenge = (principal: Principal, requirement: SignInRequirement) => Denial

/** Makes the challenges. Requests with the same requirement share one response. */
export function stepUpChallenges(resourceMetadataUrl: string): StepUpChallenge {
  const known = new Map<string, Denial>()
  return (principal, { acr, maxAgeSeconds }) => {
    const scheme = principal.kind === 'token' && principal.confirmation !== null ? 'DPoP' : 'Bearer'
    const parameters = [
      'error="insufficient_user_authentication"',
      ...(acr === undefined ? [] : [`acr_values="${acr}"`]),
      ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
      `resource_metadata="${resourceMetadataUrl}"`,
      `error_description="${acr === undefined ? RECENT : STRONGER}"`,
    ]
    const challenge = `${scheme} ${parameters.join(', ')}`
    const denial = known.get(challenge) ?? deny(challenge)
    known.set(challenge, denial)
    return denial
  }
}

const RECENT = 'This needs a recent sign-in: sign in again'
const STRONGER = 'This needs a sign-in with a second factor'

const deny = (challenge: string): Denial =>
  new Denial(401, 'A stronger or more recent sign-in is required', {
    code: 'insufficient_user_authentication',
    cause: 'insufficient_user_authentication',
    headers: { 'www-authenticate': challenge },
  })
