import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { ORGANIZATION_HEADER } from '@daytona-auth/protocol/organization-header'
import { DaytonaAuthError } from '@daytona-auth/sdk'
import { type Api, withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { Failure, UsageError } from '../../failure.ts'
import type { Field } from '../../parse.ts'
import { USER_AGENT } from '../../version.ts'

export interface RequestOptions {
  readonly field?: readonly Field[] | undefined
  readonly input?: string | undefined
}

const TIMEOUT_MS = 60_000

/** Sends one request with the credential in use. An error response is printed as well, and is a failure. */
export async function sendRequest(context: CommandContext, method: string, path: string, options: RequestOptions) {
  const body = await readBody(context, options)
  if (method === 'GET' && body !== undefined) throw new UsageError('A GET request has no body.')
  await withApi(context, async (api) => {
    const response = await fetch(await toUrl(api, path), {
      method,
      headers: await createHeaders(api, path, body),
      body: body ?? null,
      // A redirect would forward the credential.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const content = await response.text()
    const value = response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(content) : undefined
    if (!response.ok) {
      if (content !== '') await context.output.text(content.endsWith('\n') ? content : `${content}\n`)
      throw new DaytonaAuthError(response, value)
    }
    if (value !== undefined) await context.output.json(value)
    else if (content !== '') await context.output.text(content)
  })
}

async function readBody({ terminal }: CommandContext, { field, input }: RequestOptions): Promise<string | undefined> {
  if (input === undefined) return field === undefined ? undefined : JSON.stringify(Object.fromEntries(field))
  if (field !== undefined) throw new UsageError('Use either --field or --input.')
  const body = input === '-' ? await text(terminal.stdin) : await readInput(input)
  try {
    JSON.parse(body)
  } catch {
    throw new UsageError('The body of --input is not JSON.')
  }
  return body
}

const readInput = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause) => {
    throw new UsageError(`Cannot read ${path}: ${cause.message}`)
  })

/** The path is appended to the server's URL and cannot change its origin. */
async function toUrl({ settings, organizationId }: Api, path: string): Promise<URL> {
  const filled = path.includes('{organizationId}') ? path.replaceAll('{organizationId}', await organizationId()) : path
  const url = new URL(settings.apiUrl + filled)
  if (url.origin !== new URL(settings.apiUrl).origin) throw new Failure(`${path} leads to another server.`)
  return url
}

async function createHeaders({ credential, chosenId }: Api, path: string, body: string | undefined): Promise<Headers> {
  const headers = new Headers({
    authorization: `Bearer ${await credential()}`,
    accept: 'application/json, */*;q=0.5',
    'user-agent': USER_AGENT,
  })
  if (body !== undefined) headers.set('content-type', 'application/json')
  // Where the path names the organization, the header must not disagree.
  if (chosenId !== undefined && !path.includes('/organizations')) headers.set(ORGANIZATION_HEADER, chosenId)
  return headers
}
