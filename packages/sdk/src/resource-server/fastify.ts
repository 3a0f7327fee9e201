import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Principal } from './principal.ts'
import { permissionsOf, type Requirement } from './requirement.ts'
import type { ResourceServer } from './resource-server.ts'

const CALLER = Symbol('caller')

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks of its caller; `public` asks nothing. */
    requires?: 'public' | Requirement
  }
  interface FastifyRequest {
    /** Who asks. Throws on a `public` route: there is nobody to speak of. */
    readonly caller: Principal
    [CALLER]: Principal | null
  }
}

/**
 * Lets a request through to its handler if its route says that the caller may: `config: { requires: 'read:sandboxes' }`.
 *
 * A route that does not say what it requires does not boot. Register the plugin before the routes that it guards.
 */
export const resourceServer = fp<{ readonly resourceServer: ResourceServer }>(
  async (app, { resourceServer }) => {
    app.decorateRequest(CALLER, null)
    // A getter without a setter: nobody downstream becomes somebody else.
    app.decorateRequest('caller', {
      getter(this: FastifyRequest) {
        if (this[CALLER] === null) throw new Error(`${this.method} ${this.routeOptions.url} asks nobody who they are`)
        return this[CALLER]
      },
    })

    app.addHook('onRoute', ({ method, url, config }) => {
      const { requires } = config ?? {}
      const route = `${String(method)} ${url}`
      if (requires === undefined) throw new Error(`${route} does not say what it requires of its caller`)
      try {
        if (requires !== 'public') permissionsOf(requires)
      } catch (cause) {
        throw new Error(`${route} ${cause instanceof Error ? cause.message : 'requires nothing that is known'}`, {
          cause,
        })
      }
    })

    app.addHook('onRequest', async (request, reply) => {
      if (request.is404) return
      const { requires } = request.routeOptions.config
      if (requires === 'public') return
      if (requires === undefined) throw new Error(`${request.method} ${request.url} was registered before its guard`)
      const decision = await resourceServer.decide(
        {
          authorization: headerOf(request, 'authorization'),
          organizationId: headerOf(request, 'x-daytona-organization-id'),
        },
        requires,
      )
      if ('principal' in decision) {
        request[CALLER] = decision.principal
        return
      }
      const { statusCode, headers, body } = decision.refusal
      await reply.code(statusCode).headers(headers).send(body)
    })
  },
  { name: 'daytona-auth-resource-server', fastify: '5.x' },
)

/** As it was sent: of several, Node keeps the first, while a proxy in front may have looked at the last. */
function headerOf({ raw: { rawHeaders } }: FastifyRequest, name: string): string | undefined {
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
  return values.length === 0 ? undefined : values.join(', ')
}
