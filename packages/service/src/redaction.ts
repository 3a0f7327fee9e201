// The one list of what no log line may hold, and the one place where lines are cleaned. It works on the finished
// line, so it does not matter by which door a secret came in: a field, a bound field, a message, an error's stack, a
// cause of a cause.

const REDACTED = '[redacted]'

/** Members whose name ends so, written in any case, with or without `-` and `_`, are never logged. */
const SECRET_ENDINGS = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'apikey',
  'verifier',
  'assertion',
  'csrf',
  'usercode',
  'devicecode',
  'privatekey',
  'databaseurl',
]

/** Members named exactly so: `statusCode` is no secret, an authorization `code` is. */
const SECRET_NAMES = new Set(['code', 'value', 'idtokenhint', 'rawpacket', 'setcookie', 'credential', 'params', 'key'])

/** The `code` of an error (`ECONNREFUSED`, `FST_ERR_BAD_URL`) or a SQLSTATE (`22021`), which a log is read for. */
const ERROR_CODE = /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|[0-9A-Z]{5})$/

const NAMES_IN_TEXT =
  'authorization|cookie|[\\w-]*password|[\\w-]*token|[\\w-]*secret|api[-_]?key|code|code_verifier|user_code|device_code|client_assertion'

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
  [new RegExp(`\\b(${NAMES_IN_TEXT})=[^&\\s"']+`, 'gi'), `$1=${REDACTED}`],
  [new RegExp(`(["'])(${NAMES_IN_TEXT}|value)\\1\\s*:\\s*(["'])(?:[^"'\\\\]|\\\\.)*\\3`, 'gi'), `"$2":"${REDACTED}"`],
]

/** Whether a line needs a closer look: one pass over it, which is all that nearly every line costs. */
const SMELL = new RegExp(
  [
    'dta_',
    'eyJ',
    '(?:bearer|basic|dpop)\\s',
    '://[^\\s/@"]+@',
    'params: ',
    `(?:${SECRET_ENDINGS.map((name) => [...name].join('[-_]?')).join('|')}|\\b(?:${[...SECRET_NAMES].join('|')}|id_token_hint|set-cookie))(?:\\\\*["'])?\\s*[:=]`,
  ].join('|'),
  'i',
)

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
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '')
  if (plain === 'code' && typeof member === 'string' && ERROR_CODE.test(member)) return false
  return SECRET_NAMES.has(plain) || SECRET_ENDINGS.some((ending) => plain.endsWith(ending))
}
