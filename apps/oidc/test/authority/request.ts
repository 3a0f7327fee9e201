import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Ready } from './world.ts'

export interface Sent {
  readonly outgoing: ClientRequest
  readonly answer: Promise<{ status: number; location: string; body: string }>
}

/** Sends a request except the last byte of its body. */
export function beginRequest(
  issuer: string,
  { method, path, visit, form, headers = {} }: Ready,
): Sent & { readonly rest: string } {
  const body = form === undefined ? '' : new URLSearchParams(form).toString()
  const cookies = (visit?.cookies ?? []).filter((cookie) => path.startsWith(cookie.path))
  const outgoing = request(new URL(path, issuer), {
    method,
    headers: {
      ...headers,
      accept: 'text/html',
      ...(cookies.length > 0 && { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') }),
      ...(form !== undefined && {
        ...(path !== '/oauth/token' && { origin: issuer }),
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(body.length),
        expect: '100-continue',
      }),
    },
  })
  if (body !== '') outgoing.write(body.slice(0, -1))
  const answer = once(outgoing, 'response').then(async ([response]: IncomingMessage[]) => ({
    status: response?.statusCode ?? 0,
    location: response?.headers.location ?? '',
    body: response ? await text(response) : '',
  }))
  return { outgoing, answer, rest: body.slice(-1) }
}

/** Passes for an error page, a protocol error, or a redirect without a code, to a page or to the app. */
export function assertDenied({ status, location, body }: Awaited<Sent['answer']>): void {
  const refused = status >= 400 || (status === 303 && !/[?&]code=/.test(location)) || /[?;]error=/.test(body)
  assert.ok(refused && status < 500, `${status} ${location} ${body}`)
  assert.doesNotMatch(body, /access_token|[?&;]code=/)
}
