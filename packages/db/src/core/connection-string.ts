/** PostgreSQL's variables of the environment, such as PGHOST. */
export type PgEnvironment = Readonly<Record<string, string | undefined>>

/** A connection string that cannot be used. The message is one line that names the variable and contains no value. */
export class ConnectionStringError extends Error {
  override readonly name = 'ConnectionStringError'
  readonly code = 'CONNECTION_STRING'
}

/** The parts of a connection string. Parameters have libpq's names. */
export interface ConnectionString {
  /** The hosts, in the order of attempts. A host that begins with `/` is the directory of a Unix socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  /** Every other parameter by its libpq keyword: `user`, `password`, `dbname`, `sslmode`, … */
  readonly parameters: ReadonlyMap<string, string>
  /** Names the source of a parameter, for a message: `sslmode in DATABASE_URL` or `PGSSLMODE`. */
  source(keyword: string): string
}

/** The environment variables that libpq reads for parameters that the string lacks. */
const VARIABLES: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  service: 'PGSERVICE',
  require_auth: 'PGREQUIREAUTH',
  channel_binding: 'PGCHANNELBINDING',
  options: 'PGOPTIONS',
  application_name: 'PGAPPNAME',
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslcertmode: 'PGSSLCERTMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcrl: 'PGSSLCRL',
  sslcrldir: 'PGSSLCRLDIR',
  sslsni: 'PGSSLSNI',
  requirepeer: 'PGREQUIREPEER',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  gssencmode: 'PGGSSENCMODE',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
}

/** Parameters that are accepted and have no effect here: the client encoding is always UTF-8. */
const IGNORED = new Set(['client_encoding', 'fallback_application_name', 'krbsrvname', 'gsslib', 'sslcompression'])

/** Parameters that the driver does not support, each with the values that have no effect and are accepted. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  hostaddr: [],
  passfile: [],
  service: [],
  servicefile: [],
  require_auth: [],
  channel_binding: ['disable', 'prefer'],
  gssencmode: ['disable', 'prefer'],
  gssdelegation: ['0'],
  replication: ['false', 'off', 'no', '0'],
  keepalives: ['1'],
  keepalives_interval: ['0'],
  keepalives_count: ['0'],
  tcp_user_timeout: ['0'],
  requirepeer: [],
  requiressl: ['0'],
  sslcertmode: ['disable', 'allow'],
  sslcrldir: [],
  sslkeylogfile: [],
  load_balance_hosts: ['disable'],
  min_protocol_version: ['3.0'],
  max_protocol_version: ['3.0', 'latest'],
  scram_client_key: [],
  scram_server_key: [],
}

const SUPPORTED = new Set([
  'host',
  'port',
  'dbname',
  'user',
  'password',
  'options',
  'application_name',
  'connect_timeout',
  'keepalives_idle',
  'target_session_attrs',
  'sslmode',
  'sslnegotiation',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslrootcert',
  'sslcrl',
  'sslsni',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
])

const URI = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^?@#]*))?(?:\?([^@#]*))?$/i
const HOST = /^(?:\[([0-9a-f:.%]+)\]|([^[\]:]*))(?::(\d*))?$/i

/**
 * Parses a connection URI as libpq does (PostgreSQL manual, 32.1.1.2), including several hosts, IPv6 addresses and
 * percent-encoded parts. Parameters that the URI lacks are read from `environment`.
 *
 * @param variable the variable that has the string, for messages
 * @throws ConnectionStringError
 */
export function parseConnectionString(
  text: string,
  environment: PgEnvironment = process.env,
  variable = 'DATABASE_URL',
): ConnectionString {
  const [, userinfo, authority = '', path, query] =
    URI.exec(text) ??
    refuse(
      `${variable} must be a URL such as postgres://user:password@host:5432/database, with @ / ? # % in names and passwords percent-encoded`,
    )
  const decode = (part: string): string => decoded(part) ?? refuse(`${variable} has a % that encodes no character`)
  const given = new Map<string, string>()
  if (userinfo !== undefined) {
    const [user = '', ...password] = userinfo.split(':')
    if (user) given.set('user', decode(user))
    if (password.length > 0) given.set('password', decode(password.join(':')))
  }
  if (path) given.set('dbname', decode(path))
  const places =
    authority === ''
      ? []
      : authority
          .split(',')
          .map(
            (place) =>
              HOST.exec(place) ??
              refuse(
                `${variable} has a host that cannot be read: write host:port, [IPv6 address]:port or a percent-encoded directory`,
              ),
          )
  if (places.some(([, ipv6, name]) => ipv6 || name)) {
    given.set('host', places.map(([, ipv6, name = '']) => ipv6 ?? decode(name)).join(','))
  }
  if (places.some(([, , , port]) => port)) given.set('port', places.map(([, , , port = '']) => port).join(','))
  for (const pair of query ? query.split('&') : []) {
    const [keyword, value] = parameterOf(pair, decode, variable)
    given.set(keyword, value)
  }
  const source = (keyword: string): string => {
    const name = VARIABLES[keyword]
    return given.has(keyword) || name === undefined ? `${keyword} in ${variable}` : name
  }
  const parameters = new Map(given)
  for (const [keyword, name] of Object.entries(VARIABLES)) {
    const value = environment[name]
    if (value && !parameters.has(keyword)) parameters.set(keyword, value)
  }
  if (parameters.has('password') && !given.has('passfile')) parameters.delete('passfile')
  for (const [keyword, value] of parameters) {
    if (REFUSED[keyword] && !REFUSED[keyword].includes(value)) {
      refuse(`${source(keyword)} asks for what the database driver cannot do: remove it`)
    }
  }
  const hosts = hostsOf(parameters, source)
  return { hosts, parameters, source }
}

function hostsOf(parameters: ReadonlyMap<string, string>, source: (keyword: string) => string) {
  const names = (parameters.get('host') || 'localhost').split(',')
  const ports = (parameters.get('port') || '5432').split(',')
  if (ports.length !== 1 && ports.length !== names.length) {
    refuse(`${source('port')} has ${ports.length} ports for ${names.length} hosts: give one, or one for each host`)
  }
  return names.map((host, at) => {
    const port = Number((ports.length === 1 ? ports[0] : ports[at]) || 5432)
    if (!Number.isInteger(port) || port < 1 || port > 65_535) refuse(`${source('port')} must be from 1 to 65535`)
    return { host: host || 'localhost', port }
  })
}

function parameterOf(pair: string, decode: (part: string) => string, variable: string): [string, string] {
  const at = pair.indexOf('=')
  if (at < 1) refuse(`${variable} has a query that is not made of name=value`)
  const [keyword, value] = [decode(pair.slice(0, at)), decode(pair.slice(at + 1))]
  // As libpq does, for compatibility with JDBC URLs.
  if (keyword === 'ssl' && value === 'true') return ['sslmode', 'require']
  if (SUPPORTED.has(keyword) || IGNORED.has(keyword) || keyword in REFUSED) return [keyword, value]
  const name = /^\w{1,40}$/.test(keyword) ? `the parameter ${keyword}` : 'a parameter'
  return refuse(
    `${variable} has ${name}, which PostgreSQL does not define: settings are given as options=-c%20name=value`,
  )
}

export function refuse(message: string): never {
  throw new ConnectionStringError(message)
}

function decoded(part: string): string | undefined {
  try {
    const text = decodeURIComponent(part)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
