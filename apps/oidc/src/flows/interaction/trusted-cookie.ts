import { SECRET_TOKEN } from '@daytona-auth/accounts/secret-token'
import { digestOf } from '@daytona-auth/auth'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import { isSecure } from '../../config.ts'
import { cookieNames } from '../../provider/configuration/configuration.ts'

/** How long a browser stays trusted. */
export const TRUSTED_MS = 30 * 24 * 60 * 60 * 1000

/** Reads the digest of the cookie by which a browser is trusted; undefined without one. */
export function readTrustedCookie(
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  issuer: string,
): Buffer | undefined {
  const { cookies } = provider.createContext(request.raw, reply.raw)
  const token = cookies.get(cookieNames(issuer).trusted, { signed: false })
  return token !== undefined && SECRET_TOKEN.test(token) ? digestOf(token) : undefined
}

/** Stores the cookie by which this browser is trusted. Scripts cannot read it, and other sites cannot send it with a form. */
export function setTrustedCookie(reply: FastifyReply, issuer: string, token: string): FastifyReply {
  const attributes = ['Path=/', `Max-Age=${TRUSTED_MS / 1000}`, 'HttpOnly', 'SameSite=Lax']
  if (isSecure(issuer)) attributes.push('Secure')
  return reply.header('set-cookie', [`${cookieNames(issuer).trusted}=${token}`, ...attributes].join('; '))
}
