import { errors } from '@daytona-auth/service'
import { callerIn } from '../../http/caller.ts'
import type { Routes } from '../../http/routes.ts'
import { OrganizationPath } from '../organizations/schema.ts'
import { getProvisioning, type ProvisioningDependencies, setCallerProvisioning } from './provisioning.ts'
import { Provisioning, provisioningToWire, SetProvisioning } from './provisioning-schema.ts'

const tags = ['Single sign-on']

export const provisioningRoutes: Routes<ProvisioningDependencies> = (app, dependencies) => {
  app.get(
    '/organizations/:organizationId/identity-provider/provisioning',
    {
      config: { access: 'admin:organization', organization: 'path' },
      schema: {
        operationId: 'getProvisioning',
        tags,
        summary: 'Get member provisioning',
        description:
          'Whether a sign-in with the identity provider makes people members, and the roles of their groups.',
        params: OrganizationPath,
        response: { 200: Provisioning },
      },
    },
    async (request) => provisioningToWire(await getProvisioning(dependencies.database, callerIn(request))),
  )

  app.put(
    '/organizations/:organizationId/identity-provider/provisioning',
    {
      config: { access: 'person', organization: 'path' },
      schema: {
        operationId: 'setProvisioning',
        tags,
        summary: 'Set member provisioning',
        description:
          'What a sign-in with the identity provider gives to people with an address in the verified domains. Roles that no group gives any more are withdrawn at once; a person who left a group loses its roles at the next sign-in. Roles with `admin:organization` are refused. Requires an owner who signed in to the dashboard or the CLI in the last 15 minutes.',
        params: OrganizationPath,
        body: SetProvisioning,
        response: { 200: Provisioning, ...errors(409) },
      },
    },
    async (request) => provisioningToWire(await setCallerProvisioning(dependencies, callerIn(request), request.body)),
  )
}
