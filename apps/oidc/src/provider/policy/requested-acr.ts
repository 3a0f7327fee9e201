import { acrValues } from '@daytona-auth/protocol/authentication-context'
import { z } from 'zod'

/** What an authorization request asks of the sign-in. */
export interface RequestedAcr {
  /** Values that the app would like: `acr_values`, and those of a voluntary claim. */
  readonly preferred: readonly string[]
  /** Values of which one must be reached (OIDC Core §5.5.1.1); undefined if the app requires none. */
  readonly required: readonly string[] | undefined
}

/** The members of a requested claim (OIDC Core §5.5.1). */
export const ClaimRequest = z.object({
  essential: z.boolean().optional(),
  value: z.string().optional(),
  values: z.array(z.string()).optional(),
})

const Claims = z.object({ id_token: z.object({ acr: ClaimRequest.nullish() }).optional() })

/**
 * Reads the `acr` that a request asks for from its accepted parameters, and not from the library's `claims`: there
 * `acr_values` replaces an essential `acr`.
 */
export function readRequestedAcr(params: { readonly [name: string]: unknown } = {}): RequestedAcr {
  const { acr_values: list, claims } = params
  const preferred = typeof list === 'string' ? list.split(' ') : []
  const acr = typeof claims === 'string' ? Claims.parse(JSON.parse(claims)).id_token?.acr : undefined
  if (!acr) return { preferred, required: undefined }
  const { essential = false, value, values = value === undefined ? [] : [value] } = acr
  // An essential claim without values requires that the token states it, as every id_token does.
  if (essential && (acr.value !== undefined || acr.values !== undefined)) return { preferred, required: values }
  return { preferred: [...preferred, ...values], required: undefined }
}

/** Whether any of the values exists here. Otherwise no sign-in reaches them. */
export const isReachable = (required: readonly string[]): boolean =>
  required.some((value) => acrValues().some((acr) => acr === value))
