import { NAME_UNITS } from '@daytona-auth/accounts/given-name'
import { badRequest, boundedParameter, boundedText } from '@daytona-auth/service'
import { z } from 'zod'

/**
 * The fields of an interaction's forms, with their maximum length in UTF-16 code units. Other fields are dropped. A
 * field that is longer, or repeated too often, counts as empty. No address, name or password of an account is that
 * long, and the attempt is still counted and answered like any other.
 */
export const InteractionForm = z.object({
  csrf: field(256),
  email: field(512),
  name: field(NAME_UNITS),
  password: field(4096),
  decision: field(16),
  request: field(128),
  ticket: field(1024),
  code: field(64),
  set_up: field(1024),
  method: field(16),
  trust: field(16),
  response: field(16_384),
  organization: field(128, { times: 1000 }),
  resource: field(128),
  scope: field(128, { times: 100 }),
  find: field(128),
})

/** Parses fields or parameters from a browser. @throws Denial 400, without any value */
export function parseFields<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(given ?? {})
  if (error === undefined) return data
  throw badRequest('Form has a field that is too long or not text')
}

function field(max: number, { times = 10 }: { times?: number } = {}) {
  return boundedParameter(boundedText({ max }), { max: times }).catch([])
}
