export { apiProblems, apiShape } from './api-shape.ts'
export {
  boundedList,
  boundedParameter,
  boundedRecord,
  boundedText,
  constantStep,
  maximumOf,
  numberParameter,
} from './bounded.ts'
export { networkOf, parseAddress } from './client-address.ts'
export { closedObject } from './closed-object.ts'
export { ConfigError, type Environment, loadConfig } from './config.ts'
export { databaseFault } from './database-fault.ts'
export { type Detail, ErrorBody, type ErrorStatus, errorBody, errors } from './error-body.ts'
export {
  ERROR_CODE_HEADER,
  ERROR_CODES,
  type ErrorCode,
  type ErrorCodeOf,
  errorCodes,
  type RefusalStatus,
} from './error-codes.ts'
export { errorHandling, type SendRefusal, toRefusal } from './error-handling.ts'
export { isOvertaken, isUnavailable, isUnstorable } from './faults.ts'
export { type Finding, lineOf } from './finding.ts'
export { acceptForms, CHARSET_NOT_UTF8, type FormFields, parseFormText } from './form-text.ts'
export { limitHandlerTime } from './handler-timeout.ts'
export { type Check, type HealthOptions, health } from './health.ts'
export type { HttpTimings } from './http-timings.ts'
export { listen } from './listen.ts'
export { createLogger, describeError, type LoggerOptions, pathOf } from './logger.ts'
export { createMailer, type Delivery, type Mail, type Mailer, type MailerOptions } from './mailer.ts'
export { createMetrics, createMetricsServer, type Metrics, poolMetrics, type TaskRan, taskMetrics } from './metrics.ts'
export { migrationShape } from './migration-shape.ts'
export { type Running, type RunOptions, runUntilSignal } from './process.ts'
export { isProtocolUrl, protocolError, sendProtocolRefusal } from './protocol-refusal.ts'
export { providerShape } from './provider-shape.ts'
export { redactLine, redactText } from './redaction.ts'
export { openRedis, REDIS_PREFIX, type RedisOptions, type SharedRedis } from './redis.ts'
export {
  badRequest,
  conflict,
  forbidden,
  type Missing,
  notFound,
  Refusal,
  type RefusalOptions,
  refuse,
  sendRefusal,
  tooManyRequests,
  unauthorized,
  unavailable,
  unprocessable,
} from './refusal.ts'
export type { CallerFacts } from './request-record.ts'
export { QUERY_NOT_UTF8 } from './request-text.ts'
export { secret, secrets } from './secret.ts'
export { compileSerializer } from './serializer.ts'
export { createServer, type Server, type ServerOptions } from './server.ts'
export { mailShape, serviceShape } from './service-shape.ts'
export { standaloneShape } from './standalone-shape.ts'
export { describeStartupError, StartupError } from './startup-error.ts'
export { TRACE_HEADERS } from './traceparent.ts'
export { startTracing, type Tracing, type TracingConfig, type TracingOptions } from './tracing.ts'
export { type TrustsPeer, trustedPeers } from './trusted-proxies.ts'
export { methodNotAllowed } from './unrouted.ts'
export { untilSound } from './until-sound.ts'
export { decodeUtf8, isUtf8 } from './utf8.ts'
export { type GivenVariable, givenVariables, type Variable, variableFacts, variablesOf } from './variable.ts'
export {
  boolean,
  cidrs,
  duration,
  integer,
  internalUrl,
  list,
  origin,
  redisUrl,
} from './variables.ts'
export { type VerificationMail, verificationMail } from './verification-mail.ts'
