import { totalmem } from 'node:os'
import { type Answer, isDenied } from '../principal/result.ts'

// Upper estimates for 64-bit V8, measured by `bench/full-cache.ts`, collections included: a `Set` of one member takes 200 bytes
// or more.
const ENTRY = 700
const SUBJECT = 340
const PRINCIPAL = 800
const ORGANIZATION = 280
const SCOPE = 80
const SIGN_IN = 120
const UNKNOWN_ANSWER = 300

/** Estimates the heap bytes of a cached answer with its digest and dependencies. An upper estimate. */
export function estimateSize(answer: Answer, dependsOn: readonly string[]): number {
  let bytes = ENTRY + dependsOn.length * SUBJECT
  for (const subject of dependsOn) bytes += subject.length
  if (isDenied(answer)) return bytes + UNKNOWN_ANSWER
  bytes += PRINCIPAL + sizeOf(answer.userName) + sizeOf(answer.email) + answer.access.size * ORGANIZATION
  if (answer.denyingOrganizations.size > 0) bytes += ORGANIZATION + answer.denyingOrganizations.size * SCOPE
  for (const { suspension } of answer.access.values()) {
    if (suspension !== null) bytes += ORGANIZATION + sizeOf(suspension.reason ?? '')
  }
  if (answer.kind === 'api-key') return bytes + sizeOf(answer.keyName)
  bytes += sizeOf(answer.chosenLanguage ?? '') + sizeOf(answer.timeZone ?? '')
  bytes += SIGN_IN + answer.scopes.size * SCOPE
  for (const scope of answer.scopes) bytes += sizeOf(scope)
  return bytes
}

/** V8 takes two bytes a character if one of them is beyond Latin-1. */
const sizeOf = (text: string): number => 2 * text.length

/** The share of the memory limit for cached answers. A process takes 100 MiB idle; its usual limit is 512 MiB. */
const SHARE = 0.2
const MIN_BYTES = 8 * 2 ** 20
const MAX_BYTES = 512 * 2 ** 20

/** Returns the budget of a cache: a share of the memory limit of the control group, or else of the machine's memory. */
export function defaultCacheBytes(constrained = process.constrainedMemory(), total = totalmem()): number {
  const limit = constrained > 0 && constrained < total ? constrained : total
  return Math.min(MAX_BYTES, Math.max(MIN_BYTES, Math.floor(limit * SHARE)))
}
