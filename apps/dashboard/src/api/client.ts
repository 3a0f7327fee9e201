import { DaytonaAuth, readRequiredSignIn } from '@daytona-auth/sdk'
import { getAccessToken, renewAccessToken } from '../session/session.ts'
import { stepUp } from '../session/step-up.ts'

const TIMEOUT_MS = 60_000

/**
 * The API as the signed-in person. A token that is refused is renewed, and the request is sent again: a 401 is decided
 * before anything is done. If the request needs a stronger or more recent sign-in, the person confirms it, and the request
 * continues.
 */
export const api = new DaytonaAuth({
  apiUrl: location.origin,
  accessToken: getAccessToken,
  timeoutMs: TIMEOUT_MS,
  fetch: async (input, init) => {
    const request = new Request(input)
    const response = await fetch(request.clone(), init)
    if (response.status !== 401) return response
    const required = readRequiredSignIn(response)
    const refused = request.headers.get('authorization')?.replace('Bearer ', '')
    // The person may have to sign in for it, which takes longer than the time limit of one attempt.
    const token = required ? await stepUp(required, refused, request.method) : await renewAccessToken(refused)
    if (token === undefined) return response
    await response.body?.cancel()
    request.headers.set('authorization', `Bearer ${token}`)
    // A stream has no time limit.
    if (!init?.signal) return fetch(request)
    return fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) })
  },
})
