import { Refusal } from '@daytona-auth/service'
import type { FastifyRequest } from 'fastify'
import type { CsrfTokens } from './csrf.ts'
import { isFromOurPages } from './csrf.ts'
import { InteractionForm, parseFields } from './fields.ts'
import type { OpenInteraction } from './open.ts'
import { FORGED, STALE } from './page-errors.ts'

/**
 * What a form of an interaction carries, as text by field; of a field sent several times the last, but for those that
 * may be. @throws Refusal 403 unless it was sent from our own page of this very interaction, 409 where that page was
 * opened for another account or session than the browser has now
 */
export function readForm(
  request: FastifyRequest,
  { uid, viewer }: Pick<OpenInteraction, 'uid' | 'viewer'>,
  { csrf, origin }: { csrf: CsrfTokens; origin: string },
) {
  const form = parseFields(InteractionForm, request.body)
  if (!isFromOurPages(request.headers, origin))
    throw new Refusal(403, FORGED, { code: 'cross_site_request', cause: 'foreign origin' })
  const verdict = csrf.check(uid, viewer, form.csrf?.at(-1))
  if (verdict === 'forged') throw new Refusal(403, FORGED, { code: 'cross_site_request', cause: 'bad csrf token' })
  if (verdict === 'stale') throw new Refusal(409, STALE, { code: 'stale_page', cause: 'page of another session' })
  return {
    field: (name: keyof typeof form): string => form[name]?.at(-1) ?? '',
    fields: (name: keyof typeof form): readonly string[] => form[name] ?? [],
  }
}
