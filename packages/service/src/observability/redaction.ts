// The one list of what no log line may hold, and the one place where lines are cleaned. It works on the finished
// line, so it does not matter by which door a secret came in: a field, a bound field, a message, an error's stack, a
// cause of a cause.

const REDACTED = '[redacted]'

/** Members whose name ends so are never logged, in any case and with or without `-` or `_` between the words. */
const SECRET_ENDINGS = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'api-key',
  'private-key',
  'verifier',
  'assertion',
  'csrf',
  'user-code',
  'device-code',
  'token-hint',
  'database-url',
  'raw-packet',
]

/** Members named exactly so: a `statusCode` is no secret, the `code` of a sign-in is; `params` are a statement's. */
const SECRET_NAMES = ['code', 'value', 'params']

/** The `code` of an error (`ECONNREFUSED`, `FST_ERR_BAD_URL`) or a SQLSTATE (`22021`): a log is read for those. */
const ERROR_CODE = /^(?:E[A-Z0-9]+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[0-9A-Z]{5})$/

const NAME = `(?:${SECRET_ENDINGS.join('|').replaceAll('-', '[-_]?')}|(?<![\\w-])(?:${SECRET_NAMES.join('|')}))`

/** What a secret looks like wherever it stands. */
const PATTERNS: readonly [RegExp, string][] = [
  // An API key; the masked form (`dta_1234****…`) is too short to match.
  [/dta_[0-9A-Za-z]{8,}/g, `dta_${REDACTED}`],
  // A JWT, or what is left of one.
  [/eyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g, REDACTED],
  [/\b(bearer|basic|dpop)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  // The password of a connection string.
  [/:\/\/[^\s/@"']+@/g, `://${REDACTED}@`],
  // drizzle puts the parameters of a failed statement into its message.
  [/\nparams: [\s\S]*?(?=\n {4}at |$)/g, `\nparams: ${REDACTED}`],
  // In text that is a query, a form or JSON itself.
  [new RegExp(`(${NAME})=[^&\\s"']+`, 'gi'), `$1=${REDACTED}`],
  [new RegExp(`(${NAME}["']\\s*:\\s*)(["'])(?:[^"'\\\\]|\\\\.)*\\2`, 'gi'), `$1$2${REDACTED}$2`],
]

/**
 * Whether a line needs a closer look, which nearly none does. This runs on every line, and looks backwards from each
 * `:` and `=`, of which there are few: 0.6 µs a line, against 1.4 when the names are searched for forwards.
 */
const SMELL = new RegExp(
  `[:=](?<=${NAME}(?:\\\\*["'])?\\s*[:=])|dta_|eyJ|://[^\\s/@"]+@|params: |(?:bearer|basic|dpop)\\s`,
  'i',
)

const ENDINGS = SECRET_ENDINGS.map(plain)

/** Takes a line of JSON as pino is about to write it, and returns one without secrets. */
export function redactLine(line: string): string {
  if (!SMELL.test(line)) return line
  try {
    return `${JSON.stringify(redact(JSON.parse(line)))}\n`
  } catch {
    // Not JSON: nothing of ours, and cleaned as the text that it is.
    return redactText(line)
  }
}

/** The same for a piece of text. */
export function redactText(text: string): string {
  let clean = text
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement)
  return clean
}

function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map(redact)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      redactText(name),
      isSecret(name, member) ? REDACTED : redact(member),
    ]),
  )
}

function isSecret(name: string, member: unknown): boolean {
  if (member === null || member === undefined || typeof member === 'boolean') return false
  const word = plain(name)
  if (word === 'code' && typeof member === 'string' && ERROR_CODE.test(member)) return false
  return SECRET_NAMES.includes(word) || ENDINGS.some((ending) => word.endsWith(ending))
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '')
}
