import { useSyncExternalStore } from 'react'
import { formatAbsolute, formatRelative } from './time.ts'
import { Tooltip } from './tooltip.tsx'

const TICK_MS = 10_000
let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const one of listeners) one()
  }, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Returns the present, in milliseconds since the epoch, to within ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    if (Date.now() - now > TICK_MS) now = Date.now()
    return now
  })
}

/** An instant relative to now. Its absolute form appears on hover and focus. */
export function RelativeTime({ at }: { readonly at: string }) {
  const instant = new Date(at)
  return (
    <Tooltip text={formatAbsolute(instant)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the absolute time must be reachable without a pointer */}
      <time className="has-tooltip nowrap" dateTime={at} tabIndex={0}>
        {formatRelative(instant, useNow())}
      </time>
    </Tooltip>
  )
}
