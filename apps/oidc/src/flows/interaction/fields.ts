import { NAME_UNITS } from '@daytona-auth/accounts/given-name'
import { badRequest, boundedParameter, boundedText } from '@daytona-auth/service'
import { z } from 'zod'

/**
 * The fields of the forms of an interaction, each with the most of its UTF-16 code units. Others are dropped. What is
 * longer, or sent more often, counts as empty: no address, name or password of an account is so long, and the attempt is
 * still counted and answered like any other.
 */
export const InteractionForm = z.object({
  csrf: field(256),
  email: field(512),
  name: field(NAME_UNITS),
  password: field(4096),
  decision: field(16),
  organization: field(128, { times: 1000 }),
})

/** Parses fields or parameters that came from a browser. @throws Refusal 400, which repeats none of them */
export function parseFields<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(given ?? {})
  if (error === undefined) return data
  throw badRequest('Form has a field that is too long or no text')
}

function field(max: number, { times = 10 }: { times?: number } = {}) {
  return boundedParameter(boundedText({ max }), { max: times }).catch([])
}
