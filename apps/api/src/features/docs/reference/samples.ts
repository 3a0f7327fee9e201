import type { Operation } from './document.ts'

/** A request in a language. */
export interface Sample {
  readonly label: string
  readonly language: string
  readonly text: string
}

interface Request {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: unknown
}

/** Returns ready requests of an operation, with its examples and a placeholder for the credential. */
export function samplesOf(method: string, path: string, operation: Operation, server: string): readonly Sample[] {
  const request = requestOf(method, path, operation, server)
  return [
    { label: 'curl', language: 'sh', text: curl(request) },
    { label: 'JavaScript', language: 'js', text: javascript(request) },
    { label: 'Python', language: 'python', text: python(request) },
  ]
}

function requestOf(method: string, path: string, operation: Operation, server: string): Request {
  const { parameters = [], requestBody, security } = operation
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const example = parameters.find((parameter) => parameter.in === 'path' && parameter.name === name)?.example
    return encodeURIComponent(String(example))
  })
  const body = requestBody?.content['application/json']?.example
  return {
    method: method.toUpperCase(),
    url: `${server}${target}`,
    headers: [
      ...(security.length > 0 ? [['Authorization', 'Bearer YOUR_API_KEY'] as const] : []),
      ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
    ],
    body,
  }
}

function curl({ method, url, headers, body }: Request): string {
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${url}`,
    ...headers.map(([name, value]) => `-H "${name}: ${value}"`),
    ...(body === undefined ? [] : [`-d ${quoteForShell(JSON.stringify(body, null, 2))}`]),
  ]
  return lines.join(' \\\n  ')
}

const quoteForShell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

function javascript({ method, url, headers, body }: Request): string {
  const options = [
    ...(method === 'GET' ? [] : [`method: '${method}'`]),
    ...(headers.length === 0 ? [] : [`headers: ${literal(Object.fromEntries(headers), 1)}`]),
    ...(body === undefined ? [] : [`body: JSON.stringify(${literal(body, 1)})`]),
  ]
  const given = options.length === 0 ? '' : `, {\n${options.map((option) => `  ${option},\n`).join('')}}`
  return `const response = await fetch('${url}'${given})\nconsole.log(response.status, await response.text())`
}

/** JSON is a literal of JavaScript, too. */
const literal = (value: unknown, depth: number): string =>
  JSON.stringify(value, null, 2).replaceAll('\n', `\n${'  '.repeat(depth)}`)

function python({ method, url, headers, body }: Request): string {
  const given = [
    `"${url}"`,
    ...(headers.length === 0 ? [] : [`headers=${pythonLiteral(Object.fromEntries(headers))}`]),
    ...(body === undefined ? [] : [`json=${pythonLiteral(body)}`]),
  ]
  const call = `requests.${method.toLowerCase()}(\n${given.map((one) => `    ${one},\n`).join('')})`
  return `import requests\n\nresponse = ${call}\nprint(response.status_code, response.text)`
}

/** Keywords of JSON differ. Texts are left as they are. */
const pythonLiteral = (value: unknown): string =>
  JSON.stringify(value, null, 4)
    .replaceAll(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, (token) => KEYWORDS.get(token) ?? token)
    .replaceAll('\n', '\n    ')

const KEYWORDS = new Map([
  ['true', 'True'],
  ['false', 'False'],
  ['null', 'None'],
])
