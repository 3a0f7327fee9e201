import { DaytonaAuthError, type OrganizationEvent } from '@daytona-auth/sdk'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { api } from './client.ts'

/** After which a stream that could not begin is tried again. Its reader reads what it shows at each attempt. */
const RETRY_MS = 5000

export type StreamState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'failed'; readonly error: unknown }

export interface EventHandlers {
  readonly onEvent: (event: OrganizationEvent) => void
  /**
   * Called when a stream has begun or could not begin, and after a `reset`: something may have happened that no event
   * reports, so read again what is shown.
   */
  readonly onGap: () => void
  /** Undefined: true. */
  readonly isEnabled?: boolean
}

/**
 * Receives the events of an organization while the page is visible: a browser has few connections to one server, and tabs in
 * the background would take them.
 */
export function useOrganizationEvents(
  organizationId: string,
  { onEvent, onGap, isEnabled = true }: EventHandlers,
): StreamState {
  const [state, setState] = useState<StreamState>({ kind: 'connecting' })
  const isOn = useIsVisible() && isEnabled
  const handlers = useRef({ onEvent, onGap })
  useEffect(() => {
    handlers.current = { onEvent, onGap }
  })
  useEffect(() => {
    if (!isOn) return
    const controller = new AbortController()
    setState({ kind: 'connecting' })
    void receive(organizationId, controller.signal, {
      onEvent: (event) => {
        if (event.type === 'reset') handlers.current.onGap()
        else handlers.current.onEvent(event)
      },
      onChange: (next) => {
        setState(next)
        if (next.kind !== 'connecting') handlers.current.onGap()
      },
    })
    return () => controller.abort()
  }, [organizationId, isOn])
  return state
}

/** Receives events until the signal is aborted or the access is denied. */
async function receive(
  organizationId: string,
  signal: AbortSignal,
  { onEvent, onChange }: { onEvent: (event: OrganizationEvent) => void; onChange: (state: StreamState) => void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const onConnectionChange = (isConnected: boolean): void => {
        if (!signal.aborted) onChange({ kind: isConnected ? 'connected' : 'connecting' })
      }
      for await (const event of api.events({ organizationId, signal, onConnectionChange })) {
        if (!signal.aborted) onEvent(event)
      }
    } catch (error) {
      if (signal.aborted) return
      onChange({ kind: 'failed', error })
      if (error instanceof DaytonaAuthError && (error.statusCode === 403 || error.statusCode === 404)) return
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

function useIsVisible(): boolean {
  return useSyncExternalStore(subscribeToVisibility, () => document.visibilityState === 'visible')
}

function subscribeToVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}
