import type postgres from 'postgres'
import { ConnectionStringError, parseConnectionString, refuse } from './connection-string.ts'
import { readTls } from './connection-tls.ts'
import { openSocket, type SocketPlan, TARGET_SESSION_ATTRS } from './open-socket.ts'
import { SESSION_SETTINGS, type SessionOverrides } from './session-settings.ts'

export type DriverOptions = postgres.Options<Record<string, postgres.PostgresType>>

export interface ConnectionRequest {
  /** How `pg_stat_activity` shows the connection where the connection string does not name it. */
  readonly applicationName: string
  /** Settings of the session that differ from ours. */
  readonly settings?: SessionOverrides | undefined
  /** Where the connection string is from, for messages. */
  readonly variable?: string | undefined
}

/** How long a connection may take where nothing else is said, in seconds. */
const CONNECT_SECONDS = 5
const MAX_CONNECT_SECONDS = 600

/**
 * The options of postgres.js for a connection of any kind to the database of `url`. Every `postgres(…)` of ours is made
 * of these. They set the session (see `SESSION_SETTINGS`) and open the socket themselves, since the driver can read
 * neither `sslmode` nor several hosts as libpq does.
 *
 * @throws ConnectionStringError before any connection, in one line that names the variable
 */
export function connectionOptions(
  url: string,
  { applicationName, settings, variable }: ConnectionRequest,
): DriverOptions {
  const target = parseConnectionString(url, process.env, variable)
  const { hosts, parameters, source } = target
  const number = (keyword: string, fallback: number, min: number, max: number): number => {
    const text = parameters.get(keyword)
    if (text === undefined) return fallback
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? value : refuse(`${source(keyword)} must be from ${min} to ${max}`)
  }
  // Only a primary is of use: where several hosts are named, it is found.
  const requested = parameters.get('target_session_attrs')
  const attributes = requested ?? (hosts.length > 1 ? 'read-write' : 'any')
  const user = parameters.get('user')
  const database = parameters.get('dbname')
  const options = parameters.get('options')
  const timeout = number('connect_timeout', CONNECT_SECONDS, 1, MAX_CONNECT_SECONDS)
  const plan: SocketPlan = {
    hosts,
    tls: readTls(target),
    timeoutMs: timeout * 1000,
    isSni: parameters.get('sslsni') !== '0',
    targetSessionAttrs:
      TARGET_SESSION_ATTRS.find((each) => each === attributes) ??
      refuse(`${source('target_session_attrs')} must be one of ${TARGET_SESSION_ATTRS.join(', ')}`),
    attrsSource: requested === undefined ? undefined : source('target_session_attrs'),
  }
  const connection = {
    ...SESSION_SETTINGS,
    ...settings,
    application_name: parameters.get('application_name') ?? applicationName,
    ...(options === undefined ? {} : { options }),
  }
  const base = {
    // For the driver's messages: the socket is ours.
    host: [hosts.map(({ host }) => host).join(' or ')],
    port: [hosts[0]?.port ?? 0],
    ssl: false,
    // postgres.js asks for the types on each new connection, and its rejection, when that is cut meanwhile, is not caught.
    fetch_types: false,
    connect_timeout: timeout,
    keep_alive: number('keepalives_idle', 10, 1, 86_400),
    onnotice: () => {},
    ...(user === undefined ? {} : { user }),
    ...(database === undefined ? {} : { database }),
    password: parameters.get('password') ?? '',
    connection,
  } as unknown as DriverOptions // whose types lack lists of hosts and the socket
  return Object.assign({ ...base }, { socket: () => openSocket(plan, base) })
}

export { ConnectionStringError }
