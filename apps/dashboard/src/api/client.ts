import { DaytonaAuth } from '@daytona-auth/sdk'
import { getAccessToken, renewAccessToken } from '../session/session.ts'

const TIMEOUT_MS = 60_000

/**
 * The API as the signed-in person. A token that is refused is renewed, and the request is sent again: a 401 is decided
 * before anything is done.
 */
export const api = new DaytonaAuth({
  apiUrl: location.origin,
  accessToken: getAccessToken,
  timeoutMs: TIMEOUT_MS,
  fetch: async (input, init) => {
    const request = new Request(input)
    const response = await fetch(request.clone(), init)
    if (response.status !== 401) return response
    await response.body?.cancel()
    const refused = request.headers.get('authorization')?.replace('Bearer ', '')
    // The person may have to sign in for it, which takes longer than the time limit of one attempt.
    request.headers.set('authorization', `Bearer ${await renewAccessToken(refused)}`)
    // A stream has no time limit.
    if (!init?.signal) return fetch(request)
    return fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) })
  },
})
