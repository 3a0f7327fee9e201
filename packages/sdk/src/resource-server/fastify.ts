import { organizationReader } from '@daytona-auth/protocol/organization-header'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Principal } from './principal.ts'
import type { Requirement } from './requirement.ts'
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
 * A route without `requires` fails the boot. Register the plugin before the routes that it guards. If the API has its own
 * audience, the plugin serves its metadata (RFC 9728), unless it is registered under a prefix.
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
        if (requires !== 'public') resourceServer.requireValid(requires)
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
          organizationId: namedOrganization(request),
          request: {
            method: request.method,
            path: request.originalUrl.replace(/[?#].*$/s, ''),
            proof: readHeader(request, 'dpop'),
          },
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

    const { metadata } = resourceServer
    if (metadata === undefined || app.prefix !== '') return
    app.get(metadata.path.replace(/\?.*$/s, ''), { config: { requires: 'public' } }, (_request, reply) =>
      // Any page may read it: a client in a browser starts there.
      reply.headers({ 'access-control-allow-origin': '*', 'cache-control': 'max-age=300' }).send(metadata.document),
    )
  },
  { name: 'daytona-auth-resource-server', fastify: '5.x' },
)

const namedOrganization = organizationReader(readHeader)

/** Reads all values of a header: Node keeps the first, but a proxy may have checked the last. */
function readHeader({ raw: { rawHeaders } }: FastifyRequest, name: string): string | undefined {
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
  return values.length === 0 ? undefined : values.join(', ')
}
