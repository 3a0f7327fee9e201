import type { Finding } from '@daytona-auth/service'
import * as z from 'zod'
import { examineCertificate } from './certificate.ts'
import type { Told } from './read-config.ts'

const ANSWER_MS = 5000
const check = 'issuer'

const Discovery = z.object({ issuer: z.string(), authorization_endpoint: z.string(), jwks_uri: z.string() })
const Configuration = z.object({ oidc: z.object({ issuer: z.string(), audience: z.string() }) })

/** Whether both servers answer at the public URL, and say of themselves what the configuration does. */
export async function examineIssuer({ ISSUER, API_AUDIENCE = ISSUER }: Told): Promise<Finding[]> {
  if (ISSUER === undefined) return []
  const certificate = ISSUER.startsWith('https:') ? await examineCertificate(ISSUER) : []
  if (certificate.some(({ severity }) => severity === 'error')) return certificate
  const provider = await ask(ISSUER, '/.well-known/openid-configuration', Discovery, 'the provider', (told) => {
    if (told.issuer !== ISSUER) return `calls itself ${told.issuer}`
    const elsewhere = [told.authorization_endpoint, told.jwks_uri].find((url) => !url.startsWith(`${ISSUER}/`))
    return elsewhere === undefined ? undefined : `sends people to ${elsewhere}`
  })
  const api = await ask(ISSUER, '/config', Configuration, 'the API', ({ oidc }) => {
    if (oidc.issuer !== ISSUER) return `believes ${oidc.issuer}`
    return oidc.audience === API_AUDIENCE
      ? undefined
      : `takes tokens for ${oidc.audience}, and API_AUDIENCE is ${API_AUDIENCE}`
  })
  return [...certificate, provider, api]
}

/** `disagreement`: what it says otherwise than the configuration. */
async function ask<T>(
  issuer: string,
  path: string,
  schema: z.ZodType<T>,
  who: string,
  disagreement: (told: T) => string | undefined,
): Promise<Finding> {
  const url = `${issuer}${path}`
  let response: Response
  try {
    response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) })
  } catch (error) {
    return {
      check,
      severity: 'error',
      what: `${url} cannot be reached (${codeOf(error)})`,
      remedy: 'check ISSUER, its DNS, the proxy, and that this machine may reach it',
    }
  }
  const told = schema.safeParse(await response.json().catch(() => undefined))
  if (response.status !== 200 || !told.success) {
    const what = `${url} answers ${response.status}, and not as ${who} does`
    return { check, severity: 'error', what, remedy: `let the proxy hand this path to ${who}, and start it` }
  }
  const otherwise = disagreement(told.data)
  if (otherwise !== undefined) {
    const what = `${who} at ${issuer} ${otherwise}`
    return { check, severity: 'error', what, remedy: 'give every server, and this command, the same configuration' }
  }
  return { check, severity: 'ok', what: `${who} answers at ${issuer} and agrees with the configuration` }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof AggregateError) return codeOf(cause.errors[0])
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : 'no answer'
}
