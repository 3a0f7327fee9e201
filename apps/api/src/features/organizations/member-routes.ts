import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn } from '../../http/caller.ts'
import { BY_ID, BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import type { Routes } from '../../http/routes.ts'
import { ENDING_MS, type OrganizationDependencies } from './authority.ts'
import {
  MemberPath,
  memberToWire,
  OrganizationUser,
  RemoveMemberQuery,
  StoppedApiKey,
  stoppedKeyToWire,
  UpdateMemberAccess,
} from './member-schema.ts'
import {
  leaveOrganization,
  readMemberPage,
  readStoppedKeyPage,
  removeMemberOfCaller,
  updateMemberAccess,
} from './members.ts'
import { OrganizationPath } from './schema.ts'

const tags = ['Organizations']

export const memberRoutes: Routes<OrganizationDependencies> = (app, dependencies) => {
  app.post(
    '/organizations/:organizationId/leave',
    {
      config: { access: 'person', organization: 'path' },
      handlerTimeout: ENDING_MS,
      schema: {
        operationId: 'leaveOrganization',
        tags,
        summary: 'Leave an organization',
        description: 'Requires a sign-in to the dashboard or the CLI. Revokes your API keys in the organization.',
        params: OrganizationPath,
        response: {
          204: z.null().describe('You left the organization'),
          ...errors(409),
        },
      },
    },
    async (request, reply) => {
      await leaveOrganization(dependencies, callerIn(request))
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/organizations/:organizationId/users',
    {
      config: { access: 'authenticated', organization: 'path' },
      schema: {
        operationId: 'listOrganizationMembers',
        tags,
        summary: 'List the members of an organization',
        description: 'For members signed in to the dashboard or the CLI. Other credentials need `admin:organization`.',
        params: OrganizationPath,
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationUser), ...errors(403) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        readMemberPage(dependencies, callerIn(request), page),
      )
      return rows.map(memberToWire)
    },
  )

  app.post(
    '/organizations/:organizationId/users/:userId/access',
    {
      config: { access: 'admin:organization', organization: 'path' },
      schema: {
        operationId: 'updateAccessForOrganizationMember',
        tags,
        summary: 'Change the role and permissions of a member',
        description:
          'Only an owner who signed in to the dashboard or the CLI in the last 15 minutes can add or remove the owner role.',
        params: MemberPath,
        body: UpdateMemberAccess,
        response: { 200: OrganizationUser, ...errors(409) },
      },
    },
    async (request) =>
      memberToWire(await updateMemberAccess(dependencies, callerIn(request), request.params.userId, request.body)),
  )

  app.delete(
    '/organizations/:organizationId/users/:userId',
    {
      config: { access: 'admin:organization', organization: 'path' },
      handlerTimeout: ENDING_MS,
      schema: {
        operationId: 'deleteOrganizationMember',
        tags,
        summary: 'Remove a member',
        description:
          'Revokes their API keys in the organization. Their keys from other organizations lose access to it.',
        params: MemberPath,
        querystring: RemoveMemberQuery,
        response: {
          200: pageOf(StoppedApiKey, 'With `dryRun=true`: the API keys that would stop working'),
          204: z.null().describe('The member is removed'),
          ...errors(409),
        },
      },
    },
    async (request, reply) => {
      const { userId } = request.params
      if (request.query.dryRun === 'true') {
        const { rows } = await readPage({ request, reply, orderedBy: BY_ID }, (page) =>
          readStoppedKeyPage(dependencies, callerIn(request), userId, page),
        )
        return reply.code(200).send(rows.map(stoppedKeyToWire))
      }
      await removeMemberOfCaller(dependencies, callerIn(request), userId)
      return reply.code(204).send(null)
    },
  )
}
