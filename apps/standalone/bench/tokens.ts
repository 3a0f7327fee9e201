import { CLIENT_ID, createPerson, type Person } from './authorization.ts'
import type { Child } from './child.ts'
import { type Load, openLoad, type Slot, type Work } from './load.ts'
import { compare, measureInPairs } from './paired.ts'
import { type Finding, formatNote } from './report.ts'

export interface TokenBench {
  readonly ours: Child
  readonly bare: Child
  readonly pairs: number
}

export const TOKEN_LINES = ['exchange', 'refresh'] as const
export type TokenLine = (typeof TOKEN_LINES)[number]

const FINDINGS = {
  exchange: { name: 'code exchange', target: { atLeast: 0.75 } },
  refresh: { name: 'refresh', target: { atLeast: 0.7 } },
} as const satisfies Record<TokenLine, Pick<Finding, 'name' | 'target'>>

/** Enough to fill the server's core while others wait for the disk: a refresh is durable before its response. */
const CONNECTIONS = 24
/** Codes redeemed, or tokens refreshed, in a slot. The memory adapter holds a thousand entries and evicts the rest. */
const PER_SLOT = 80
const WARM_UP_PAIRS = 4

/** Measures the token endpoint. Each slot has its own codes and tokens, created before its clock starts. */
export async function measureTokens(line: TokenLine, { ours, bare, pairs }: TokenBench): Promise<Finding> {
  const clients = await Promise.all([openTokenClient(ours), openTokenClient(bare)])
  const [our, their] = clients.map((client) => ({ child: client.child, prepare: () => client.prepare(line) }))
  if (!our || !their) throw new Error('expected two clients')
  try {
    await measureInPairs(our, their, WARM_UP_PAIRS)
    const comparison = compare(await measureInPairs(our, their, pairs))
    return { ...FINDINGS[line], values: comparison.ratios, note: formatNote(comparison) }
  } finally {
    for (const client of clients) client.close()
  }
}

/** Requests codes and tokens of one provider. */
interface TokenClient {
  readonly child: Child
  /** Prepares the codes or tokens of a slot, and returns the slot. */
  prepare(line: TokenLine): Promise<() => Promise<Slot>>
  close(): void
}

async function openTokenClient(child: Child): Promise<TokenClient> {
  const person = createPerson(child.url)
  await person.authorize() // signs up
  const load = await openLoad(child.url, CONNECTIONS, 200)
  const { host } = new URL(child.url)
  return {
    child,
    async prepare(line) {
      const codes = (await formsOf(person)).map((form) => tokenRequest(host, form))
      if (line === 'exchange') return () => load.slot(spend(codes))
      const tokens = (await refreshTokensFor(load, codes)).map((token) => tokenRequest(host, refreshing(token)))
      return () => load.slot(spend(tokens))
    },
    close: () => load.close(),
  }
}

async function formsOf(person: Person): Promise<URLSearchParams[]> {
  const forms: URLSearchParams[] = []
  // One after the other, as one browser: each response replaces the session cookie.
  while (forms.length < PER_SLOT) forms.push(await person.authorize())
  return forms
}

async function refreshTokensFor(load: Load, codes: readonly Buffer[]): Promise<string[]> {
  const tokens: string[] = []
  await load.slot({ ...spend(codes), onAnswer: (body) => tokens.push(JSON.parse(body).refresh_token) })
  return tokens
}

const refreshing = (token: string): URLSearchParams =>
  new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: token })

function spend(requests: readonly Buffer[]): Work {
  const left = requests.values()
  return { next: () => left.next().value }
}

function tokenRequest(host: string, form: URLSearchParams): Buffer {
  const body = form.toString()
  return Buffer.from(
    [
      'POST /oauth/token HTTP/1.1',
      `Host: ${host}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
