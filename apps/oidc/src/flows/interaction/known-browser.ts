import { randomBytes } from 'node:crypto'
import { normalizeEmail } from '@daytona-auth/db/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import { isSecure } from '../../config.ts'
import { cookieNames } from '../../provider/configuration/configuration.ts'
import { createKeyRing } from '../../provider/keys/key-ring.ts'

/** The accounts that have signed in with a browser, so that guesses from elsewhere do not refuse their owners there. */
export interface KnownBrowsers {
  /** Returns the id of a browser in which the account of an address has signed in; undefined for any other. */
  idOf(request: FastifyRequest, reply: FastifyReply, email: string): string | undefined
  /** Notes with a cookie that the account of an address has signed in. */
  remember(request: FastifyRequest, reply: FastifyReply, email: string): void
}

const KNOWN_MS = 180 * 24 * 60 * 60 * 1000
/** The accounts of one browser. Another one replaces the one that signed in the longest ago. */
const MAX_ACCOUNTS = 5
/** Longer than the entries of so many accounts. */
const MAX_COOKIE = 1024
const ID_BYTES = 12

interface Entry {
  readonly id: string
  /** Milliseconds since the epoch, in base 36. */
  readonly signedInAt: string
  readonly signature: string
}

/**
 * Reads and sets the cookie of known browsers ("device cookie", OWASP). Each entry is signed with the address of its account,
 * which it does not contain. It proves nothing but a budget of attempts of its own: a sign-in needs the password as before.
 */
export function createKnownBrowsers(
  { COOKIE_KEYS, ISSUER }: { readonly COOKIE_KEYS: readonly string[]; readonly ISSUER: string },
  provider: () => Provider,
  now: () => number,
): KnownBrowsers {
  const ring = createKeyRing(COOKIE_KEYS, 'known browser')
  const name = cookieNames(ISSUER).known
  const textOf = (email: string, id: string, signedInAt: string) =>
    JSON.stringify([normalizeEmail(email), id, signedInAt])

  const read = (request: FastifyRequest, reply: FastifyReply): Entry[] => {
    const { cookies } = provider().createContext(request.raw, reply.raw)
    const value = cookies.get(name, { signed: false }) ?? ''
    if (value.length > MAX_COOKIE) return []
    return value.split('~').flatMap((entry) => {
      const [id, signedInAt, signature] = entry.split('.')
      return id && signedInAt && signature ? { id, signedInAt, signature } : []
    })
  }

  const isOf = (email: string, { id, signedInAt, signature }: Entry): boolean => {
    const age = now() - Number.parseInt(signedInAt, 36)
    if (!(age >= 0 && age <= KNOWN_MS)) return false
    return ring.verify(textOf(email, id, signedInAt), Buffer.from(signature, 'base64url'))
  }

  return {
    idOf: (request, reply, email) => read(request, reply).find((entry) => isOf(email, entry))?.id,
    remember(request, reply, email) {
      const others = read(request, reply).filter((entry) => !isOf(email, entry))
      const id = randomBytes(ID_BYTES).toString('base64url')
      const signedInAt = Math.floor(now()).toString(36)
      const signature = ring.sign(textOf(email, id, signedInAt)).toString('base64url')
      const value = [{ id, signedInAt, signature }, ...others]
        .slice(0, MAX_ACCOUNTS)
        .map((entry) => [entry.id, entry.signedInAt, entry.signature].join('.'))
        .join('~')
      const attributes = ['Path=/', `Max-Age=${KNOWN_MS / 1000}`, 'HttpOnly', 'SameSite=Lax']
      if (isSecure(ISSUER)) attributes.push('Secure')
      reply.header('set-cookie', [`${name}=${value}`, ...attributes].join('; '))
    },
  }
}
