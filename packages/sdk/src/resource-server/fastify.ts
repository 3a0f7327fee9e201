import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Principal } from './principal.ts'
import { listRequiredPermissions, type Requirement } from './requirement.ts'
import type { ResourceServer } from './resource-server.ts'

const CALLER = Symbol('caller')

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route requires; `public` requires nothing. */
    requires?: 'public' | Requirement
  }
  interface FastifyRequest {
    /** The verified caller. Throws on a `public` route. */
    readonly caller: Principal
    [CALLER]: Principal | null
  }
}

/**
 * Authorizes requests by the requirement of their route: `config: { requires: 'read:sandboxes' }`.
 *
 * A route without `requires` fails the boot. Register the plugin before the routes that it guards.
 */
export const resourceServer = fp<{ readonly resourceServer: ResourceServer }>(
  async (app, { resourceServer }) => {
    app.decorateRequest(CALLER, null)
    // A getter without a setter: handlers cannot replace the caller.
    app.decorateRequest('caller', {
      getter(this: FastifyRequest) {
        if (this[CALLER] === null)
          throw new Error(`${this.method} ${this.routeOptions.url} is public and has no caller`)
        return this[CALLER]
      },
    })

    app.addHook('onRoute', ({ method, url, config }) => {
      const { requires } = config ?? {}
      const route = `${String(method)} ${url}`
      if (requires === undefined) throw new Error(`${route} does not declare what it requires`)
      try {
        if (requires !== 'public') listRequiredPermissions(requires)
      } catch (cause) {
        throw new Error(`${route} ${cause instanceof Error ? cause.message : 'has an invalid requirement'}`, {
          cause,
        })
      }
    })

    app.addHook('onRequest', async (request, reply) => {
      if (request.is404) return
      const { requires } = request.routeOptions.config
      if (requires === 'public') return
      if (requires === undefined) throw new Error(`${request.method} ${request.url} was registered before the plugin`)
      const decision = await resourceServer.decide(
        {
          authorization: readHeader(request, 'authorization'),
          organizationId: readHeader(request, 'x-daytona-organization-id'),
        },
        requires,
      )
      if ('principal' in decision) {
        request[CALLER] = decision.principal
        return
      }
      const { statusCode, headers, body } = decision.denial
      await reply.code(statusCode).headers(headers).send(body)
    })
  },
  { name: 'daytona-auth-resource-server', fastify: '5.x' },
)

/** Reads all values of a header: Node keeps the first, but a proxy may have checked the last. */
function readHeader({ raw: { rawHeaders } }: FastifyRequest, name: string): string | undefined {
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
  return values.length === 0 ? undefined : values.join(', ')
}
