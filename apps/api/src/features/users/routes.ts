import type { Routes } from '../../http/routes.ts'
import { User, userToWire } from './schema.ts'

export const userRoutes: Routes<void> = (app) => {
  app.get(
    '/users/me',
    {
      config: { access: 'authenticated', organization: 'none' },
      schema: {
        operationId: 'getAuthenticatedUser',
        tags: ['Users'],
        summary: 'Get the user of the credential',
        response: { 200: User },
      },
    },
    (request, reply) => {
      reply.send(userToWire(request.principal))
    },
  )
}
