import type { DecidedRoute, KnownKey, OnDenial } from '@daytona-auth/auth'
import type { OrganizationId } from '@daytona-auth/db/core'
import { Denial } from '@daytona-auth/service'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** Receives a key's request that the guard allowed and its handler refused. The organization is as for `OnDecision`. */
export type OnHandlerDenial = (
  key: KnownKey,
  organizationId: OrganizationId,
  address: string,
  route: DecidedRoute,
) => void

export interface HandlerDenialOptions {
  readonly onHandlerDenial?: OnHandlerDenial | undefined
  readonly onDenial?: OnDenial | undefined
}

/**
 * Reports every 401 and 403 that a handler answers to an API key, as the guard reports its own. It is an error handler
 * that rethrows to the previous one, not a hook on every response: successful requests cost nothing.
 */
export const handlerDenials = fp<HandlerDenialOptions>(
  async (app: FastifyInstance, { onHandlerDenial, onDenial }) => {
    app.setErrorHandler((error, request) => {
      const { access, organization } = request.routeOptions.config
      const isDenial = error instanceof Denial && (error.statusCode === 401 || error.statusCode === 403)
      if (isDenial && access !== 'public' && request.principal.kind === 'api-key') {
        const key = request.principal
        const hasOrganization = organization === 'header' || organization === 'path'
        const organizationId = hasOrganization ? request.organization.organizationId : key.homeOrganizationId
        onHandlerDenial?.(key, organizationId, request.ip, request.routeOptions.config)
        onDenial?.(key, organizationId, error, request)
      }
      throw error
    })
  },
  { name: 'handler-denials', dependencies: ['authentication'] },
)
