import type postgres from 'postgres'
import { ConnectionStringError, parseConnectionString, refuse } from './connection-string.ts'
import { readTls } from './connection-tls.ts'
import { openSocket, type SocketPlan, TARGET_SESSION_ATTRS } from './open-socket.ts'
import { SESSION_SETTINGS, type SessionOverrides } from './session-settings.ts'

export type DriverOptions = postgres.Options<Record<string, postgres.PostgresType>>

export interface ConnectionRequest {
  /** The `application_name`, unless the connection string has one. */
  readonly applicationName: string
  /** Settings of the session that differ from ours. */
  readonly settings?: SessionOverrides | undefined
  /** The variable that has the connection string, for messages. */
  readonly variable?: string | undefined
}

/** The default of `connect_timeout`, in seconds. */
const CONNECT_SECONDS = 5
const MAX_CONNECT_SECONDS = 600

/**
 * Returns the options of postgres.js for a connection to the database of `url`. Every `postgres(…)` call uses them. They
 * set the session (see `SESSION_SETTINGS`) and open the socket, because the driver interprets neither `sslmode` nor several
 * hosts as libpq does.
 *
 * @throws ConnectionStringError before any connection; its message is one line that names the variable
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
  // Only a primary can be used: among several hosts it is searched for.
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
    // For the driver's messages only: the socket is opened here.
    host: [hosts.map(({ host }) => host).join(' or ')],
    port: [hosts[0]?.port ?? 0],
    ssl: false,
    // postgres.js would query the types on each new connection. If that is cut in the meantime, the rejection is unhandled.
    fetch_types: false,
    connect_timeout: timeout,
    keep_alive: number('keepalives_idle', 10, 1, 86_400),
    onnotice: () => {},
    ...(user === undefined ? {} : { user }),
    ...(database === undefined ? {} : { database }),
    password: parameters.get('password') ?? '',
    connection,
  } as unknown as DriverOptions // the driver's types lack lists of hosts and the socket
  return Object.assign({ ...base }, { socket: () => openSocket(plan, base) })
}

export { ConnectionStringError }
