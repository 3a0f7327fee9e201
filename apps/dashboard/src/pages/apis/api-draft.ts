import { normalizeName } from '@daytona-auth/protocol/names'
import { scopeNames } from '@daytona-auth/protocol/scopes'
import type { RequestBody, ResourceServer } from '@daytona-auth/sdk'

export interface ScopeDraft {
  /** Identifies the row while it is edited. */
  readonly key: number
  readonly name: string
  readonly description: string
}

/** An API as it is in the form. */
export interface ApiDraft {
  readonly identifier: string
  readonly name: string
  readonly scopes: readonly ScopeDraft[]
}

let lastKey = 0

export const emptyScope = (): ScopeDraft => {
  lastKey += 1
  return { key: lastKey, name: '', description: '' }
}

export const emptyDraft = (): ApiDraft => ({ identifier: '', name: '', scopes: [emptyScope()] })

export const draftOf = ({ identifier, name, scopes }: ResourceServer): ApiDraft => ({
  identifier,
  name,
  scopes: scopes.map((scope) => ({ ...emptyScope(), ...scope })),
})

export interface ScopeProblems {
  readonly name?: string | undefined
  readonly description?: string | undefined
}

/** What is wrong with a draft, by field. */
export interface ApiProblems {
  readonly identifier?: IdentifierProblem | undefined
  readonly name?: string | undefined
  /** By the key of the scope. */
  readonly scopes: ReadonlyMap<number, ScopeProblems>
}

export interface IdentifierProblem {
  readonly problem: string
  /** What to enter instead, if that is clear. */
  readonly fix?: string
}

/** Finds what the API would refuse. */
export function findApiProblems({ identifier, name, scopes }: ApiDraft): ApiProblems {
  const written = scopes.filter((scope) => !isEmpty(scope))
  return {
    identifier: findIdentifierProblem(identifier),
    name: name.trim() === '' ? 'Enter a name.' : undefined,
    scopes: new Map(
      written.flatMap((scope) => {
        const problems = {
          name: scopeProblem(scope, written),
          description: scope.description.trim() === '' ? 'Say what it allows.' : undefined,
        }
        return problems.name === undefined && problems.description === undefined ? [] : [[scope.key, problems]]
      }),
    ),
  }
}

export const hasProblems = ({ identifier, name, scopes }: ApiProblems): boolean =>
  identifier !== undefined || name !== undefined || scopes.size > 0

/** Returns the registration that a draft stands for. Rows without a text are left out. */
export const registrationOf = (draft: ApiDraft): RequestBody<'createResourceServer'> => ({
  identifier: draft.identifier.trim(),
  name: normalizeName(draft.name),
  scopes: draft.scopes
    .filter((scope) => !isEmpty(scope))
    .map(({ name, description }) => ({ name: name.trim(), description: normalizeName(description) })),
})

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
/** RFC 6749 section 3.3: printable ASCII without space, quotation mark and backslash. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/
const OURS: ReadonlySet<string> = new Set(scopeNames())

/** The rules are those of the server: identifiers are compared as texts, so what a browser would rewrite is refused. */
export function findIdentifierProblem(text: string): IdentifierProblem | undefined {
  const uri = text.trim()
  if (uri === '') return { problem: 'Enter the URL of the API.' }
  const url = URL.parse(uri)
  // `localhost:3000` parses as the scheme `localhost:`.
  if (url === null || /^[^/]*:\d/.test(uri)) {
    const host = URL.parse(`https://${uri}`)
    if (host === null || !/[.:]|^localhost$/.test(host.hostname)) return { problem: 'It is not an absolute URL.' }
    const scheme = LOOPBACK.has(host.hostname) ? 'http' : 'https'
    return { problem: 'It is not an absolute URL.', fix: normalize(`${scheme}://${uri}`) }
  }
  if (uri.includes('#')) return { problem: 'It must not have a fragment.', fix: normalize(uri.replace(/#.*$/s, '')) }
  if (url.username !== '' || url.password !== '') return { problem: 'It must not have a user or password.' }
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    return { problem: 'It must be https.', fix: normalize(uri.replace(/^http:/i, 'https:')) }
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'It must begin with https://.' }
  if (normalize(uri) !== uri) return { problem: 'It is not written as browsers write it.', fix: normalize(uri) }
  return undefined
}

/** `https://host/` and `https://host` are the same URI: it is registered without the slash. */
function normalize(uri: string): string {
  const url = URL.parse(uri)
  if (url === null) return uri
  return url.href === `${url.origin}/` ? url.origin : url.href
}

function scopeProblem({ key, name }: ScopeDraft, all: readonly ScopeDraft[]): string | undefined {
  const text = name.trim()
  if (text === '') return 'Enter a name.'
  if (!SCOPE_TOKEN.test(text)) return 'Use letters, digits and signs, without spaces, quotation marks and backslashes.'
  if (OURS.has(text.toLowerCase())) return 'This is a scope of Daytona. Choose another name.'
  if (all.some((other) => other.key < key && other.name.trim() === text)) return 'Another scope has this name.'
  return undefined
}

const isEmpty = ({ name, description }: ScopeDraft): boolean => name.trim() === '' && description.trim() === ''
