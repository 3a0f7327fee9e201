import { DaytonaAuthError } from '@daytona-auth/sdk'
import { severalOrganizations } from './api.ts'
import { Failure } from './failure.ts'

/** What a person is told: what went wrong, and what to do next. */
export interface Explanation {
  readonly message: string
  readonly hint?: string | undefined
}

/** Of anything that was thrown. What nobody has foreseen is told with its stack, to be reported. */
export async function explain(error: unknown): Promise<Explanation> {
  if (error instanceof Failure) return error
  if (error instanceof DaytonaAuthError) return ofRefusal(error)
  const network = ofNetwork(error)
  if (network !== undefined) return network
  const protocol = await ofProtocol(error)
  if (protocol !== undefined) return protocol
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { message: `This should not have happened.\n${stack}`, hint: 'Please report it.' }
}

function ofRefusal(error: DaytonaAuthError): Explanation {
  const { statusCode, error: reason } = error
  if (statusCode === 401)
    return { message: sentence(reason), hint: 'Was it made by this server, and does it still exist?' }
  if (statusCode === 403) return { message: `${reason}${neededBy(error)}.`, hint: FORBIDDEN_HINT }
  if (error.code === 'organization_required') return severalOrganizations()
  if (statusCode === 429 || statusCode === 503) {
    const seconds = error.headers.get('retry-after')
    return { message: sentence(reason), hint: seconds === null ? 'Try again later.' : `Try again in ${seconds} s.` }
  }
  return { message: sentence(reason), hint: hintFor(error.code) }
}

/** The server's own words end without a full stop. */
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** The command that lists what may be named instead. */
function hintFor(code: string | undefined): string | undefined {
  const list = code === undefined ? undefined : LISTS.get(code)
  return list && `See what there is: daytona ${list}`
}

const LISTS: ReadonlyMap<string, string> = new Map([
  ['api_key_not_found', 'api-key list'],
  ['organization_not_found', 'organization list'],
  ['oauth_app_not_found', 'app list'],
])

const FORBIDDEN_HINT =
  'See who you are and which organization is meant (daytona whoami); an owner or administrator of it can give you more.'

/** The permission that is missing: RFC 6750 section 3.1. */
function neededBy({ headers }: DaytonaAuthError): string {
  const [, scope] = /scope="([^"]*)"/.exec(headers.get('www-authenticate') ?? '') ?? []
  return scope ? `: this needs ${scope.split(' ').join(' and ')}` : ''
}

/** Nobody answered, or nobody whom we believe. `fetch` hides why in its cause. */
function ofNetwork(error: unknown): Explanation | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? String(cause.code) : ''
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      return { message: 'The server’s name is not known here.', hint: ADDRESS_HINT }
    if (code === 'ECONNREFUSED') return { message: 'Nobody answers at the server’s address.', hint: ADDRESS_HINT }
    if (/^(UND_ERR_|ETIMEDOUT|ECONNRESET|EPIPE|EHOSTUNREACH|ENETUNREACH)/.test(code) || cause.name === 'TimeoutError') {
      return { message: `The server cannot be reached: ${cause.message || code}`, hint: 'Try again.' }
    }
    if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS)/.test(code)) {
      return {
        message: `The server’s certificate is not believed: ${cause.message}`,
        hint: 'For a certificate authority of your own, set NODE_EXTRA_CA_CERTS to its certificate.',
      }
    }
  }
  // `fetch` gave up, for a reason that is in no list of ours.
  if (!(error instanceof TypeError && error.message === 'fetch failed')) return undefined
  const why = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return { message: `The server cannot be reached${why}.`, hint: ADDRESS_HINT }
}

const ADDRESS_HINT = 'Is this its address, and is it running? daytona config get api-url'

/** What the sign-in's library says of the provider: rare, so that it is loaded only for errors. */
async function ofProtocol(error: unknown): Promise<Explanation | undefined> {
  const { ClientError, ResponseBodyError } = await import('openid-client')
  if (error instanceof ResponseBodyError) {
    return {
      message: `The server refused the sign-in: ${error.error_description ?? error.error}`,
      hint: 'Try again: daytona login',
    }
  }
  if (!(error instanceof ClientError)) return undefined
  const why = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return { message: `The sign-in was not believed: ${error.message}${why}`, hint: 'Try again: daytona login' }
}
