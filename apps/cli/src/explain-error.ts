import { DaytonaAuthError } from '@daytona-auth/sdk'
import { ambiguousOrganizationFailure } from './api.ts'
import { Failure } from './failure.ts'
import { toSentence, withDescription } from './sentence.ts'

/** What went wrong and what to do next, in words for users. */
export interface Explanation {
  readonly message: string
  readonly hint?: string | undefined
}

/** Explains anything thrown. Unexpected errors include their stack, so that users can report them. */
export async function explainError(error: unknown): Promise<Explanation> {
  if (error instanceof Failure) return error
  if (error instanceof DaytonaAuthError) return explainDenial(error)
  const network = explainNetworkError(error)
  if (network !== undefined) return network
  const protocol = await explainProtocolError(error)
  if (protocol !== undefined) return protocol
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { message: `Unexpected error.\n${stack}`, hint: 'Report this as a bug, with the text above.' }
}

function explainDenial(error: DaytonaAuthError): Explanation {
  const { statusCode, error: reason, description } = error
  if (statusCode === 401) return { message: withDescription(toSentence(reason), description), hint: CREDENTIAL_HINT }
  if (statusCode === 403) {
    const scope = describeMissingScope(error)
    const hint = needsPerson(description) ? PERSON_HINT : FORBIDDEN_HINT
    return { message: withDescription(`${reason}${scope}.`, scope ? undefined : description), hint }
  }
  if (error.code === 'organization_required') return ambiguousOrganizationFailure()
  if (statusCode === 429 || statusCode === 503) {
    const seconds = error.headers.get('retry-after')
    return { message: toSentence(reason), hint: seconds === null ? 'Try again later.' : `Try again in ${seconds} s.` }
  }
  return { message: toSentence(reason), hint: findListHint(error.code) }
}

/** Returns a hint that names the command which lists the existing ones. */
function findListHint(code: string | undefined): string | undefined {
  const list = code === undefined ? undefined : LISTS.get(code)
  return list && `List them: daytona ${list}`
}

const LISTS: ReadonlyMap<string, string> = new Map([
  ['api_key_not_found', 'api-key list'],
  ['organization_not_found', 'organization list'],
  ['oauth_app_not_found', 'app list'],
  ['resource_server_not_found', 'resource-server list'],
  ['domain_not_found', 'domain list'],
])

const CREDENTIAL_HINT = 'Check that this server issued it and that it still exists.'

const FORBIDDEN_HINT =
  'Check your user and organization: daytona whoami. An owner or administrator can grant you the permission.'

const PERSON_HINT = 'Log in: daytona login. If DAYTONA_API_KEY is set, unset it: it takes precedence over the login.'

/** Whether a person must be signed in, as the challenge describes: no permission is sufficient. */
const needsPerson = (description: string | undefined): boolean => /signed[ -]in/.test(description ?? '')

/** Describes the missing permission, which the challenge names (RFC 6750 section 3.1). */
function describeMissingScope({ headers }: DaytonaAuthError): string {
  const [, scope] = /scope="([^"]*)"/.exec(headers.get('www-authenticate') ?? '') ?? []
  return scope ? `: this needs ${scope.split(' ').join(' and ')}` : ''
}

/** Explains connection and certificate errors, which `fetch` puts into its cause. */
function explainNetworkError(error: unknown): Explanation | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? String(cause.code) : ''
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      return { message: 'The server’s host name does not resolve.', hint: ADDRESS_HINT }
    if (code === 'ECONNREFUSED') return { message: 'The server refused the connection.', hint: ADDRESS_HINT }
    if (/^(UND_ERR_|ETIMEDOUT|ECONNRESET|EPIPE|EHOSTUNREACH|ENETUNREACH)/.test(code) || cause.name === 'TimeoutError') {
      return { message: `The server cannot be reached: ${cause.message || code}`, hint: 'Try again.' }
    }
    if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS)/.test(code)) {
      return {
        message: `The server’s certificate is not trusted: ${cause.message}`,
        hint: 'For a certificate authority of your own, set NODE_EXTRA_CA_CERTS to its certificate.',
      }
    }
  }
  // Any other failure of `fetch`.
  if (!(error instanceof TypeError && error.message === 'fetch failed')) return undefined
  const why = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return { message: `The server cannot be reached${why}.`, hint: ADDRESS_HINT }
}

const ADDRESS_HINT = 'Check that it is running and that this is its address: daytona config get api-url'

/** Explains errors of the OAuth library, which is imported only here. */
async function explainProtocolError(error: unknown): Promise<Explanation | undefined> {
  const { ClientError, ResponseBodyError } = await import('openid-client')
  if (error instanceof ResponseBodyError) {
    return {
      message: `The server refused the sign-in: ${error.error_description ?? error.error}`,
      hint: 'Try again: daytona login',
    }
  }
  if (!(error instanceof ClientError)) return undefined
  const why = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return { message: `The sign-in response is not valid: ${error.message}${why}`, hint: 'Try again: daytona login' }
}
