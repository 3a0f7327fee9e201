import { tooManyRequests } from '@daytona-auth/service'

const WINDOW_MS = 60_000

/**
 * Admits so many of something in a minute for each name, in this process. The windows start together, so that the
 * memory of a minute is dropped at once.
 */
export function creationLimit({ perMinute, now }: { perMinute: number; now: () => number }): (name: string) => void {
  let endsAt = 0
  let counts = new Map<string, number>()
  return (name) => {
    if (now() >= endsAt) {
      counts = new Map()
      endsAt = now() + WINDOW_MS
    }
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    if (count > perMinute) throw tooManyRequests('too many creations', (endsAt - now()) / 1000)
  }
}
