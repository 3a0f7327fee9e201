/** How long the text of a credential is kept at most. */
const KEPT_MS = 1000
/** The most credentials. */
const SIZE = 4096

/** The cached answers of credentials presented within the last second, by their text. */
export interface RecentCredentials<Known> {
  get(credential: string): Known | undefined
  add(credential: string, known: Known): void
  clear(): void
}

/**
 * Saves the SHA-256 of a credential that is used many times a second. The hash is the most expensive part of a warm request:
 * not its arithmetic, but OpenSSL's code, which other work evicts from the CPU caches. All entries are dropped each second,
 * so that the text of a credential is in memory hardly longer than during its request.
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
