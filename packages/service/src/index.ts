export { ConfigError, loadConfig } from './config/config.ts'
export type { Environment } from './config/environment.ts'
export { secret, secrets } from './config/secret.ts'
export { mailShape, serviceShape } from './config/service-variables.ts'
export { type GivenVariable, givenVariables, type Variable, variableFacts, variablesOf } from './config/variable.ts'
export {
  boolean,
  cidrs,
  dnsServers,
  duration,
  httpUrl,
  integer,
  internalUrl,
  lifetime,
  list,
  MAX_TIMER_MS,
  origin,
  redisUrl,
} from './config/variables.ts'
export {
  boundedList,
  boundedParameter,
  boundedRecord,
  boundedText,
  constantStep,
  maximumOf,
  numberParameter,
} from './http/bounded.ts'
export { closedObject } from './http/closed-object.ts'
export {
  badRequest,
  conflict,
  Denial,
  type DenialOptions,
  deny,
  forbidden,
  type Missing,
  notFound,
  reasonOf,
  sendDenial,
  tooManyRequests,
  unauthorized,
  unavailable,
  unprocessable,
} from './http/denial.ts'
export { setDrainDelay } from './http/drain.ts'
export { type Detail, ErrorBody, type ErrorStatus, errorBody, errors } from './http/error-body.ts'
export {
  type DenialStatus,
  ERROR_CODE_HEADER,
  ERROR_CODES,
  type ErrorCode,
  type ErrorCodeOf,
  errorCodes,
} from './http/error-codes.ts'
export { errorHandling, type SendDenial, toDenial } from './http/error-handling.ts'
export { isOvertaken, isUnavailable, isUnstorable } from './http/faults.ts'
export { acceptForms, CHARSET_NOT_UTF8, type FormFields, MALFORMED_QUERY, parseFormText } from './http/form-text.ts'
export { limitHandlerTime } from './http/handler-timeout.ts'
export { type Check, type HealthOptions, health } from './http/health.ts'
export { isProtocolUrl, protocolError, sendProtocolDenial } from './http/protocol-denial.ts'
export { QUERY_NOT_UTF8 } from './http/request-text.ts'
export { compileSerializer } from './http/serializer.ts'
export { createServer, type Server, type ServerOptions } from './http/server.ts'
export { methodNotAllowed } from './http/unrouted.ts'
export { userAgentOf } from './http/user-agent.ts'
export { decodeUtf8, isUtf8 } from './http/utf8.ts'
export { compileValidator } from './http/validation.ts'
export { createMailer, type Delivery, type Mail, type Mailer, type MailerOptions } from './mail/mailer.ts'
export { networkOf, parseAddress } from './network/client-address.ts'
export { isLoopback } from './network/loopback.ts'
export { readAddress, readNetwork } from './network/network.ts'
export { createPublicFetch, isPublic, type PublicFetch } from './network/public-fetch.ts'
export { type TrustsPeer, trustedPeers } from './network/trusted-proxies.ts'
export { createTxtLookUp, type LookUpTxt, type TxtLookUpOptions } from './network/txt-records.ts'
export type { HttpTimings } from './observability/http-timings.ts'
export { createLogger, describeError, type LoggerOptions, pathOf } from './observability/logger.ts'
export {
  createMetrics,
  type Metrics,
  poolMetrics,
  type TaskRan,
  taskMetrics,
} from './observability/metrics.ts'
export { redactLine, redactText } from './observability/redaction.ts'
export { type CallerFacts, noteDenial } from './observability/request-record.ts'
export type { Tracing, TracingConfig, TracingOptions } from './observability/trace.ts'
export { TRACE_HEADERS } from './observability/traceparent.ts'
export { startTracing } from './observability/tracing.ts'
export { databaseFault } from './process/database-fault.ts'
export { type Finding, lineOf } from './process/finding.ts'
export { listen } from './process/listen.ts'
export { createMetricsServer } from './process/metrics-server.ts'
export { type Running, type RunOptions, runUntilSignal } from './process/process.ts'
export { openRedis, REDIS_PREFIX, type RedisOptions, type SharedRedis } from './process/redis.ts'
export { describeStartupError, StartupError } from './process/startup-error.ts'
export { waitForDatabase } from './process/wait-for-database.ts'
