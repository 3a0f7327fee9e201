import { Refusal } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { CsrfTokens } from './csrf.ts'
import { isFromOurPages } from './csrf.ts'
import { FORGED } from './page-errors.ts'

/**
 * What a form of the interaction `uid` carries, as text by field; of a field sent several times the last, but for
 * those that may be. @throws Refusal 403 unless it was sent from our own page of this very interaction
 */
export function readForm(request: FastifyRequest, uid: string, { csrf, origin }: { csrf: CsrfTokens; origin: string }) {
  const form = Form.parse(request.body ?? {})
  if (!isFromOurPages(request.headers, origin)) throw new Refusal(403, FORGED, { cause: 'foreign origin' })
  if (!csrf.accepts(uid, form['csrf']?.at(-1))) throw new Refusal(403, FORGED, { cause: 'bad csrf token' })
  return {
    field: (name: string): string => form[name]?.at(-1) ?? '',
    fields: (name: string): readonly string[] => form[name] ?? [],
  }
}

/** One value or several, as the body parser has them. */
const Form = z.record(z.string(), z.union([z.string().transform((value) => [value]), z.array(z.string())]))
