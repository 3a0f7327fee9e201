import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'

/** The number of writes that each credential has in progress. */
export interface WriteSlots {
  /** Takes a slot, or returns false if the credential has none left. */
  take(id: string): boolean
  release(id: string): void
}

/** Bounds the concurrent writes of one credential. A credential without any takes no memory. */
export function writeSlots(perCredential: number): WriteSlots {
  const taken = new Map<string, number>()
  return {
    take(id) {
      const count = taken.get(id) ?? 0
      if (count >= perCredential) return false
      taken.set(id, count + 1)
      return true
    },
    release(id) {
      const count = taken.get(id) ?? 0
      if (count <= 1) taken.delete(id)
      else taken.set(id, count - 1)
    },
  }
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a route counts as a management write: see `managementWrite` in its configuration. */
export function isManagementWrite({ method, config }: RouteOptions): boolean {
  if (config?.managementWrite !== undefined) return config.managementWrite
  return config?.access !== 'public' && !config?.resourceWrite && [method].flat().some((one) => !READS.has(one))
}

interface Slot {
  /** The response has not been sent, and the connection has not been closed. */
  isOpen: boolean
  /** The handler is running, possibly after the client disconnected or a timeout was sent. */
  isHandlerRunning: boolean
  readonly release: () => void
}

const held = new WeakMap<FastifyRequest, Slot>()

/** Holds a slot until the response has ended and the handler has settled. */
export function holdSlot(request: FastifyRequest, reply: FastifyReply, release: () => void): void {
  const slot: Slot = { isOpen: true, isHandlerRunning: false, release }
  held.set(request, slot)
  reply.raw.once('close', () => {
    slot.isOpen = false
    if (!slot.isHandlerRunning) release()
  })
}

/** Marks a route as a management write, and wraps its handler so that a slot is held until it settles. */
export function boundWrites(route: RouteOptions): void {
  route.config = { ...route.config, managementWrite: true }
  const { handler } = route
  route.handler = function (request, reply) {
    const result: unknown = handler.call(this, request, reply)
    const slot = held.get(request)
    if (!slot?.isOpen || !(result instanceof Promise)) return result
    slot.isHandlerRunning = true
    const settled = () => {
      slot.isHandlerRunning = false
      if (!slot.isOpen) slot.release()
    }
    result.then(settled, settled)
    return result
  }
}
