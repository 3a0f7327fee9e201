/** Options that filter events. */
export interface FilterOptions {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly action?: string | undefined
  readonly actor?: string | undefined
  readonly target?: string | undefined
  readonly status?: number | undefined
}

/** Converts options to the API's query. An actor is an id, or an e-mail address if it contains `@`. */
export function toAuditQuery({ from, to, action, actor, target, status }: FilterOptions): Record<string, string> {
  const filter = {
    from,
    to,
    action,
    [actor?.includes('@') ? 'actorEmail' : 'actorId']: actor,
    targetId: target,
    statusCode: status === undefined ? undefined : String(status),
  }
  const given = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(given)
}
