/** How long the text of a credential is kept, at most. */
const KEPT_MS = 1000
/** Credentials at most. */
const SIZE = 4096

/** What is known of credentials that were seen a moment ago, by their text. */
export interface RecentCredentials<Known> {
  get(credential: string): Known | undefined
  add(credential: string, known: Known): void
  clear(): void
}

/**
 * Spares a credential that is used many times a second its SHA-256, the dearest part of a warm request: not for the
 * arithmetic, but for a way through OpenSSL that other work has pushed out of the processor's caches each time. It forgets
 * everything each second, so that the text of a credential is in memory for hardly longer than what is left of the request
 * that brought it.
 */
export function recentCredentials<Known>(): RecentCredentials<Known> {
  const recent = new Map<string, Known>()
  let timer: NodeJS.Timeout | undefined

  function clear(): void {
    clearTimeout(timer)
    timer = undefined
    recent.clear()
  }

  return {
    get: (credential) => recent.get(credential),
    add(credential, known) {
      if (recent.size >= SIZE) return
      recent.set(credential, known)
      timer ??= setTimeout(clear, KEPT_MS).unref()
    },
    clear,
  }
}
