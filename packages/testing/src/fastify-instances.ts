import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Scope } from './file-scope.ts'

const CHANNEL = 'fastify.initialization'

/** Calls `prepare` with every Fastify instance that is created from now until the end of `scope`, to add hooks to it. */
export function onFastifyInstance<Instance>(scope: Scope, prepare: (instance: Instance) => void): void {
  const listener = (message: unknown) => prepare((message as { readonly fastify: Instance }).fastify)
  subscribe(CHANNEL, listener)
  scope.after(() => unsubscribe(CHANNEL, listener))
}
