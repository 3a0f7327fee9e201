import * as z from 'zod'
import { statusPhrase } from './status-phrase.ts'

/**
 * The one error body. Its roles are the published contract and the reverse of Fastify's default: `message` is the
 * status phrase, `error` says what went wrong.
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
  .meta({ id: 'Error', description: 'The body of every refusal' })

export type ErrorBody = z.output<typeof ErrorBody>

/** A member of the request that is wrong. `path` is dotted (`permissions.0`), or names the part (`body`). */
export type Detail = NonNullable<ErrorBody['details']>[number]

/** The body of an answer with this status. */
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
  404: 'There is no such thing, or none that this credential may know of',
  409: 'The request contradicts what is there, a taken name for example',
  413: 'The body is too large',
  415: 'The content type is not supported',
  422: 'The request is well-formed and cannot be carried out',
  429: 'Too many requests; `Retry-After` says when to try again',
  500: 'Something went wrong on our side',
  503: 'Something that we depend on is down; `Retry-After` says when to try again',
} as const

export type ErrorStatus = keyof typeof DESCRIPTIONS

type ErrorResponse = { description: string; content: { 'application/json': { schema: typeof ErrorBody } } }

/** The error responses of a route's schema: `response: { 200: Thing, ...errors(401, 403) }`. */
export function errors<const S extends readonly ErrorStatus[]>(...statuses: S): { [K in S[number]]: ErrorResponse } {
  const responses = Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: DESCRIPTIONS[status], content: { 'application/json': { schema: ErrorBody } } },
    ]),
  )
  // `fromEntries` forgets which keys it was given.
  return responses as { [K in S[number]]: ErrorResponse }
}
