import { Denial } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { CsrfTokens } from './csrf.ts'
import { isFromOurPages } from './csrf.ts'
import { InteractionForm, parseFields } from './fields.ts'
import type { OpenInteraction } from './open.ts'
import { forged, STALE } from './page-errors.ts'

/**
 * Reads a form of an interaction: the last value of each field, or all values of a field that may repeat.
 * @throws Denial 403 unless our own page of this interaction sent it; 409 if that page was opened for another account
 * or session than the browser has now
 */
export function readForm(
  request: FastifyRequest,
  { uid, viewer }: Pick<OpenInteraction, 'uid' | 'viewer'>,
  { csrf, origin }: { csrf: CsrfTokens; origin: string },
) {
  const form = parseFields(InteractionForm, request.body)
  if (!isFromOurPages(request.headers, origin)) throw forged('foreign origin')
  const verdict = csrf.check(uid, viewer, form.csrf?.at(-1))
  if (verdict === 'forged') throw forged('bad csrf token')
  if (verdict === 'stale') throw new Denial(409, STALE, { code: 'stale_page', cause: 'page of another session' })
  return {
    field: (name: keyof typeof form): string => form[name]?.at(-1) ?? '',
    fields: (name: keyof typeof form): readonly string[] => form[name] ?? [],
  }
}
