import type { Finding } from '@daytona-auth/service'
import * as z from 'zod'
import { examineCertificate } from './certificate.ts'
import type { ReadConfig } from './read-config.ts'

const ANSWER_MS = 5000
const check = 'issuer'

const Discovery = z.object({ issuer: z.string(), authorization_endpoint: z.string(), jwks_uri: z.string() })
const Configuration = z.object({ oidc: z.object({ issuer: z.string(), audience: z.string() }) })

/** Checks whether both servers answer at the public URL and agree with the configuration. */
export async function examineIssuer({ ISSUER, API_AUDIENCE = ISSUER }: ReadConfig): Promise<Finding[]> {
  if (ISSUER === undefined) return []
  const certificate = ISSUER.startsWith('https:') ? await examineCertificate(ISSUER) : []
  if (certificate.some(({ severity }) => severity === 'error')) return certificate
  const provider = await checkEndpoint(
    ISSUER,
    '/.well-known/openid-configuration',
    Discovery,
    'the provider',
    (discovery) => {
      if (discovery.issuer !== ISSUER) return `has the issuer ${discovery.issuer}`
      const elsewhere = [discovery.authorization_endpoint, discovery.jwks_uri].find(
        (url) => !url.startsWith(`${ISSUER}/`),
      )
      return elsewhere === undefined ? undefined : `sends users to ${elsewhere}`
    },
  )
  const api = await checkEndpoint(ISSUER, '/config', Configuration, 'the API', ({ oidc }) => {
    if (oidc.issuer !== ISSUER) return `has the issuer ${oidc.issuer}`
    return oidc.audience === API_AUDIENCE
      ? undefined
      : `accepts tokens for ${oidc.audience}, but API_AUDIENCE is ${API_AUDIENCE}`
  })
  return [...certificate, provider, api]
}

/** `findDisagreement` returns how the response differs from the configuration. */
async function checkEndpoint<T>(
  issuer: string,
  path: string,
  schema: z.ZodType<T>,
  server: string,
  findDisagreement: (response: T) => string | undefined,
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
      remedy: 'check ISSUER, its DNS, the proxy, and that this machine can reach it',
    }
  }
  const body = schema.safeParse(await response.json().catch(() => undefined))
  if (response.status !== 200 || !body.success) {
    const what = `${url} answers ${response.status}, but not as ${server} does`
    return { check, severity: 'error', what, remedy: `forward this path to ${server} at the proxy, and start it` }
  }
  const disagreement = findDisagreement(body.data)
  if (disagreement !== undefined) {
    const what = `${server} at ${issuer} ${disagreement}`
    return { check, severity: 'error', what, remedy: 'give every server, and this command, the same configuration' }
  }
  return { check, severity: 'ok', what: `${server} answers at ${issuer} and agrees with the configuration` }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof AggregateError) return codeOf(cause.errors[0])
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : 'no answer'
}
