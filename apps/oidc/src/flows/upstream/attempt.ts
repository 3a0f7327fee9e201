import { hash, randomBytes } from 'node:crypto'
import { boundedText } from '@daytona-auth/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { createKeyRing } from '../../provider/keys/key-ring.ts'
import { cookieName, cookieNamesWith, readCookies, setCookie } from '../interaction/cookies.ts'
import type { OpenInteraction } from '../interaction/open.ts'
import { createSignedContent } from '../interaction/signed-content.ts'
import type { Viewer } from '../interaction/viewer.ts'

/** A sign-in with an upstream provider that this browser has begun. */
export interface UpstreamAttempt {
  readonly uid: string
  readonly upstream: string
  readonly state: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** The session for which the page was opened. */
  readonly viewer: string
  /** SHA-256 of the nonce: it identifies the cookie key that derived it. Absent from attempts of earlier releases. */
  readonly nonceDigest?: string | undefined
}

export interface UpstreamSecrets {
  readonly nonce: string
  readonly codeVerifier: string
}

export interface UpstreamAttempts {
  /** Begins an attempt and gives the browser its cookie. */
  begin(
    request: FastifyRequest,
    reply: FastifyReply,
    upstream: string,
    interaction: Pick<OpenInteraction, 'uid' | 'viewer'>,
  ): UpstreamAttempt & UpstreamSecrets
  /** Returns the attempt of a state that this browser has begun; undefined for another one, or after ten minutes. */
  find(request: FastifyRequest, upstream: string, state: string): UpstreamAttempt | undefined
  /** Deletes the attempt's cookie. */
  end(reply: FastifyReply, state: string): void
  /**
   * Returns the nonce and the code verifier of an attempt, which only this deployment can derive. Undefined if they were
   * derived with a cookie key that was removed.
   */
  secretsOf(attempt: UpstreamAttempt): UpstreamSecrets | undefined
  isOf(attempt: UpstreamAttempt, viewer: Viewer): boolean
}

const ATTEMPT_SECONDS = 10 * 60
/** In as many tabs a user may sign in at once. The cookies of more would fill the header. */
const MAX_ATTEMPTS = 5
/** Both the callback and the pages of the interaction get it. */
const PATH = '/oauth'
/** 256 random bits in base64url. */
const STATE = /^[\w-]{43}$/

const Content = z.object({
  uid: boundedText({ max: 64 }),
  upstream: boundedText({ max: 64 }),
  state: boundedText({ max: 64 }),
  startedAt: z.number(),
  viewer: boundedText({ max: 256 }),
  nonceDigest: boundedText({ max: 64 }).optional(),
})

/**
 * Creates the attempts of a deployment. A state is bound to the browser and the interaction by a signed cookie; nothing is
 * stored. `nonce` and `code_verifier` are derived from it, so that the browser never has them.
 */
export function createUpstreamAttempts({
  issuer,
  cookieKeys,
  now,
}: {
  readonly issuer: string
  readonly cookieKeys: readonly string[]
  readonly now: () => number
}): UpstreamAttempts {
  const content = createSignedContent(cookieKeys, 'upstream attempt', Content)
  const nonces = createKeyRing(cookieKeys, 'upstream nonce')
  const verifiers = createKeyRing(cookieKeys, 'upstream code verifier')
  const prefix = `${cookieName(issuer, 'upstream')}_`
  const nameOf = (state: string) => `${prefix}${hash('sha256', state).slice(0, 16)}`

  /** Derives the secrets of a state with each cookie key, the first one first. */
  const secretsWithEach = (state: string): UpstreamSecrets[] => {
    const codeVerifiers = verifiers.signWithEach(state)
    return nonces.signWithEach(state).map((nonce, index) => ({
      nonce: nonce.toString('base64url'),
      codeVerifier: codeVerifiers[index]?.toString('base64url') ?? '',
    }))
  }

  return {
    begin({ headers }, reply, upstream, { uid, viewer }) {
      const state = randomBytes(32).toString('base64url')
      const [secrets] = secretsWithEach(state) as [UpstreamSecrets] // a ring has a key
      const nonceDigest = digestOf(secrets.nonce)
      const attempt = { uid, upstream, state, startedAt: now(), viewer: textOf(viewer), nonceDigest }
      const others = cookieNamesWith(headers.cookie, prefix)
      for (const name of others.length < MAX_ATTEMPTS ? [] : others) {
        reply.header('set-cookie', setCookie(issuer, name, '', { path: PATH, maxAgeSeconds: 0 }))
      }
      const cookie = { path: PATH, maxAgeSeconds: ATTEMPT_SECONDS }
      reply.header('set-cookie', setCookie(issuer, nameOf(state), content.issue(attempt), cookie))
      return { ...attempt, ...secrets }
    },
    find({ headers }, upstream, state) {
      if (!STATE.test(state)) return undefined
      for (const value of readCookies(headers.cookie, nameOf(state))) {
        const attempt = content.open(value)
        if (
          attempt?.upstream === upstream &&
          attempt.state === state &&
          now() - attempt.startedAt < ATTEMPT_SECONDS * 1000
        ) {
          return attempt
        }
      }
      return undefined
    },
    end: (reply, state) =>
      void reply.header('set-cookie', setCookie(issuer, nameOf(state), '', { path: PATH, maxAgeSeconds: 0 })),
    secretsOf: ({ state, nonceDigest }) =>
      secretsWithEach(state).find(({ nonce }) => nonceDigest === undefined || digestOf(nonce) === nonceDigest),
    isOf: (attempt, viewer) => attempt.viewer === textOf(viewer),
  }
}

const digestOf = (nonce: string): string => hash('sha256', nonce, 'base64url')

const textOf = (viewer: Viewer): string => (viewer ? `${viewer.userId} ${viewer.sessionUid}` : '')
