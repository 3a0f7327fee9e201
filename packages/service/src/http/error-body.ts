import * as z from 'zod'
import { statusPhrase } from './status-phrase.ts'

/**
 * The error body of all servers. Its roles are the published contract and the reverse of Fastify's default: `message` is
 * the status phrase, `error` describes the problem.
 */
export const ErrorBody = z
  .object({
    statusCode: z.int().min(400).max(599).describe('The HTTP status'),
    message: z.string().describe('The phrase of the HTTP status'),
    error: z.string().describe('What went wrong'),
    details: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('On 400 only: which members are wrong, and how'),
  })
  .meta({ id: 'Error', description: 'The body of every error response' })

export type ErrorBody = z.output<typeof ErrorBody>

/** An invalid member of the request. `path` is dotted (`permissions.0`), or names the part (`body`). */
export type Detail = NonNullable<ErrorBody['details']>[number]

/** Returns the body of a response with this status. */
export function errorBody(statusCode: number, error: string, details?: readonly Detail[]): ErrorBody {
  const message = statusPhrase(statusCode)
  return details === undefined
    ? { statusCode, message, error }
    : { statusCode, message, error, details: details.map(({ path, message }) => ({ path, message })) }
}

const DESCRIPTIONS = {
  400: 'The request is malformed or breaks a rule; `details` names the members',
  401: 'No valid credential',
  403: 'The credential does not permit this',
  404: 'It does not exist, or this credential may not see it',
  409: 'The request conflicts with the current state, such as a name that is already used',
  413: 'The body is too large',
  415: 'The content type is not supported',
  422: 'The request is well-formed but cannot be carried out',
  429: 'Too many requests; `Retry-After` says when to try again',
  500: 'Something went wrong on our side',
  503: 'A dependency is unavailable; `Retry-After` says when to try again',
} as const

export type ErrorStatus = keyof typeof DESCRIPTIONS

type ErrorResponse = { description: string; content: { 'application/json': { schema: typeof ErrorBody } } }

/** Returns the error responses of a route's schema: `response: { 200: Thing, ...errors(409) }`. */
export function errors<const S extends readonly ErrorStatus[]>(...statuses: S): { [K in S[number]]: ErrorResponse } {
  const responses = Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: DESCRIPTIONS[status], content: { 'application/json': { schema: ErrorBody } } },
    ]),
  )
  // The type of `fromEntries` does not keep the keys.
  return responses as { [K in S[number]]: ErrorResponse }
}
