import { lookup as resolve } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isLoopback } from './loopback.ts'
import { isInNetworks, type Network, readAddress, readNetwork } from './network.ts'

export interface PublicFetchOptions {
  /** Networks (CIDRs) that may be reached besides public addresses. */
  readonly allowedNetworks: readonly string[]
  /** For the whole exchange, the look-up of the name included. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

/**
 * Fetches a document from a URL that someone else chose, or sends a form there. `ended` ends the exchange before its own time.
 * @throws Error if it is not to be fetched, too slow or too large
 */
export type PublicFetch = (
  url: string | URL,
  headers?: Readonly<Record<string, string>>,
  form?: URLSearchParams,
  ended?: AbortSignal,
) => Promise<Response>

/**
 * Creates a GET and a POST for URLs of untrusted origin that reaches public addresses only (OWASP, server-side request
 * forgery). The addresses of a name are checked where the connection takes them from, so a name that resolves differently a
 * moment later gains nothing. Redirects are not followed, and nothing of this process is sent: no cookies, no credentials.
 */
export function createPublicFetch({ allowedNetworks, timeoutMs, maxBytes }: PublicFetchOptions): PublicFetch {
  const networks = allowedNetworks.map(networkOf)
  const isAllowed = (address: string) => isPublic(address) || isInNetworks(networks, address)
  const lookup = createLookup(isAllowed)

  return async (given, headers = {}, form, ended) => {
    const url = new URL(given)
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
      throw new Error('only https is fetched')
    }
    // Node.js looks up names only.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    if (readAddress(host) && !isAllowed(host)) throw new Error('address is not public')
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(ended ? [ended] : [])])
    const response = await exchange(
      url,
      { lookup, signal, agent: false, headers: { ...headers, 'accept-encoding': 'identity' } },
      maxBytes,
      form?.toString(),
    )
    if (response.status >= 300 && response.status < 400) throw new Error('redirects are not followed')
    return response
  }
}

function networkOf(text: string): Network {
  const network = readNetwork(text)
  if (!network) throw new Error(`not a network: ${text}`)
  return network
}

/** The only IPv6 addresses that IANA has allocated to the Internet. Others reach overlay networks, or IPv4 as `::10.0.0.1`. */
const GLOBAL_UNICAST = networkOf('2000::/3')

/** Whether an address is reachable from everywhere: allocated, and in no block that IANA reserves for special use. */
export function isPublic(text: string): boolean {
  const address = readAddress(text)
  if (address?.range() !== 'unicast') return false
  return address.kind() === 'ipv4' || isInNetworks([GLOBAL_UNICAST], text)
}

/** A name with any address that is not allowed is refused as a whole: its owner controls which one is tried first. */
function createLookup(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname, { all: true }).then(
      (addresses) => {
        const [first] = addresses
        if (!first || !addresses.every(({ address }) => isAllowed(address))) {
          callback(new Error('name has an address that is not public'), '')
        } else if (all) callback(null, addresses)
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('name was not found'), ''),
    )
  }
}

function exchange(url: URL, given: RequestOptions, maxBytes: number, form: string | undefined): Promise<Response> {
  const options =
    form === undefined
      ? given
      : {
          ...given,
          method: 'POST',
          headers: {
            ...given.headers,
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': Buffer.byteLength(form),
          },
        }
  return new Promise((settle, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = send(url, options, (message) => {
      const chunks: Buffer[] = []
      let received = 0
      message.on('data', (chunk: Buffer) => {
        received += chunk.length
        if (received <= maxBytes) chunks.push(chunk)
        else {
          // A response that has arrived whole ends as if nothing had happened.
          reject(new Error(`response is longer than ${maxBytes} bytes`))
          request.destroy()
        }
      })
      message.on('error', reject)
      message.on('end', () => {
        const status = message.statusCode ?? 0
        if (status < 200 || status > 599) return reject(new Error(`response has the status ${status}`))
        const body = status === 204 || status === 205 || status === 304 ? null : Buffer.concat(chunks)
        const headers = Object.entries(message.headers).filter(
          (pair): pair is [string, string] => typeof pair[1] === 'string',
        )
        settle(new Response(body, { status, headers }))
      })
    })
    request.on('error', reject)
    request.end(form)
  })
}
