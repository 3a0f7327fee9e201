import type { OauthApp } from '@daytona-auth/sdk'

export interface UriProblem {
  /** The line in the text, from 1. */
  readonly line: number
  readonly uri: string
  /** Completes "Line 2: …". */
  readonly problem: string
  /** What to write instead, if that is clear. */
  readonly fix?: string
}

/** The rule of the API for schemes of native apps. */
const REVERSE_DOMAIN = /^[a-z]{2,63}(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+:\/{1,2}[\w.~?=&%:-][\w.~/?=&%:-]*$/

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Returns the URIs of a text, one a line, without repetitions. */
export const listUris = (text: string): string[] => [
  ...new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  ),
]

/** Finds the lines that the API would refuse as redirect URIs, each with the correction if there is one. */
export function findUriProblems(text: string, type: OauthApp['type']): UriProblem[] {
  return text.split('\n').flatMap((raw, index) => {
    const uri = raw.trim()
    if (uri === '') return []
    const found = problemOf(uri, type)
    return found === undefined ? [] : { line: index + 1, uri, ...found }
  })
}

/** Replaces one line of a text. */
export const replaceLine = (text: string, line: number, replacement: string): string =>
  text
    .split('\n')
    .map((one, index) => (index + 1 === line ? replacement : one))
    .join('\n')

/** The rules are the API's: redirect URIs are compared as texts, so what a browser would rewrite is refused. */
function problemOf(uri: string, type: OauthApp['type']): Pick<UriProblem, 'problem' | 'fix'> | undefined {
  const url = URL.parse(uri)
  // `localhost:3000/callback` parses as the scheme `localhost:`.
  if (url === null || /^[^/]*:\d/.test(uri)) {
    const completed = URL.parse(`${isLocal(uri) ? 'http' : 'https'}://${uri}`)
    return suggest('is not an absolute address', completed?.hostname.match(/[.:]|^localhost$/) ? completed : null)
  }
  if (uri.includes('*')) return { problem: 'has a wildcard. List each address' }
  if (uri.includes('#')) return suggest('has a fragment, which is never sent to the app', without(url, 'hash'))
  if (url.username !== '' || url.password !== '') return suggest('has a user or password', without(url, 'user'))
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    return suggest('must be https: codes would travel in the clear', withScheme(url, 'https:'))
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    if (type === 'native') {
      return REVERSE_DOMAIN.test(uri)
        ? undefined
        : {
            problem: 'has a scheme that is not a domain in reverse, such as com.example.app:/callback',
            fix: 'http://127.0.0.1/callback',
          }
    }
    return { problem: 'must begin with https://, or with http:// on this machine' }
  }
  if (url.href !== uri && url.href !== `${uri}/`) return suggest('is not written as browsers write it', url)
  return undefined
}

const suggest = (problem: string, url: URL | null): Pick<UriProblem, 'problem' | 'fix'> =>
  url === null ? { problem } : { problem, fix: url.href }

const isLocal = (uri: string): boolean => /^(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)/i.test(uri)

function without(url: URL, part: 'hash' | 'user'): URL {
  const copy = new URL(url)
  copy.hash = ''
  if (part === 'user') {
    copy.username = ''
    copy.password = ''
  }
  return copy
}

/** The protocol of a URL object with a port cannot always be set. */
const withScheme = (url: URL, scheme: 'https:'): URL => new URL(url.href.replace(/^http:/, scheme))
