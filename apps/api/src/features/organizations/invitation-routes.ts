import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn, callerOf } from '../../http/caller.ts'
import { BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
import { languageOf } from '../../http/negotiation.ts'
import type { Routes } from '../../http/routes.ts'
import type { OrganizationDependencies } from './authority.ts'
import {
  CreateInvitation,
  InvitationOfOrganizationPath,
  InvitationPath,
  invitationToWire,
  OrganizationInvitation,
  RenewInvitation,
  SentInvitation,
} from './invitation-schema.ts'
import {
  cancelInvitation,
  createInvitation,
  type InvitationWithDelivery,
  readInvitationPage,
  resendInvitation,
} from './invitations.ts'
import { acceptInvitation, countOwnInvitations, declineInvitation, readOwnInvitationPage } from './own-invitations.ts'
import { OrganizationPath } from './schema.ts'

const tags = ['Organizations']

const config = { access: 'admin:organization', organization: 'path' } as const

/** For the invited user, in no organization of theirs. */
const own = { access: 'person', organization: 'none' } as const

/** Allows for slow mail servers. */
const MAILING_MS = 15_000

export const invitationRoutes: Routes<OrganizationDependencies> = (app, dependencies) => {
  app.get(
    '/organizations/:organizationId/invitations',
    {
      config,
      schema: {
        operationId: 'listOrganizationInvitations',
        tags,
        summary: 'List the pending invitations of an organization',
        params: OrganizationPath,
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationInvitation) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        readInvitationPage(dependencies, callerIn(request), page),
      )
      return rows.map(invitationToWire)
    },
  )

  app.post(
    '/organizations/:organizationId/invitations',
    {
      config,
      handlerTimeout: MAILING_MS,
      schema: {
        operationId: 'createOrganizationInvitation',
        tags,
        summary: 'Invite a user',
        description: 'Only an owner signed in to the dashboard or the CLI can invite owners.',
        params: OrganizationPath,
        body: CreateInvitation,
        response: { 201: SentInvitation, ...errors(409) },
      },
    },
    async (request, reply) => {
      dependencies.admitInvitation(request.principal.userId, reply)
      const sent = await createInvitation(dependencies, callerIn(request), request.body, languageOf(request))
      return reply.code(201).send(sentToWire(sent))
    },
  )

  app.put(
    '/organizations/:organizationId/invitations/:invitationId',
    {
      config,
      handlerTimeout: MAILING_MS,
      schema: {
        operationId: 'updateOrganizationInvitation',
        tags,
        summary: 'Resend an invitation, with optional changes',
        description: 'The previous link stops working.',
        params: InvitationOfOrganizationPath,
        body: RenewInvitation,
        response: { 200: SentInvitation, ...errors(409) },
      },
    },
    async (request, reply) => {
      dependencies.admitInvitation(request.principal.userId, reply)
      return sentToWire(
        await resendInvitation(
          dependencies,
          callerIn(request),
          request.params.invitationId,
          request.body,
          languageOf(request),
        ),
      )
    },
  )

  app.post(
    '/organizations/:organizationId/invitations/:invitationId/cancel',
    {
      config,
      schema: {
        operationId: 'cancelOrganizationInvitation',
        tags,
        summary: 'Cancel an invitation',
        params: InvitationOfOrganizationPath,
        response: {
          204: z.null().describe('The invitation is cancelled'),
          ...errors(409),
        },
      },
    },
    async (request, reply) => {
      await cancelInvitation(dependencies, callerIn(request), request.params.invitationId)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/organizations/invitations',
    {
      config: own,
      schema: {
        operationId: 'listOrganizationInvitationsForAuthenticatedUser',
        tags,
        summary: 'List your invitations',
        description: 'Requires a sign-in to the dashboard or the CLI, and a verified address.',
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationInvitation) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        readOwnInvitationPage(dependencies, callerOf(request), page),
      )
      return rows.map(invitationToWire)
    },
  )

  app.get(
    '/organizations/invitations/count',
    {
      config: own,
      schema: {
        operationId: 'getOrganizationInvitationsCountForAuthenticatedUser',
        tags,
        summary: 'Count your invitations',
        response: { 200: z.int() },
      },
    },
    (request) => countOwnInvitations(dependencies, callerOf(request)),
  )

  app.post(
    '/organizations/invitations/:invitationId/accept',
    {
      config: own,
      schema: {
        operationId: 'acceptOrganizationInvitation',
        tags,
        summary: 'Accept an invitation',
        description: 'Requires that the invited address is yours and verified.',
        params: InvitationPath,
        response: { 200: OrganizationInvitation, ...errors(409) },
      },
    },
    async (request) =>
      invitationToWire(await acceptInvitation(dependencies, callerOf(request), request.params.invitationId)),
  )

  app.post(
    '/organizations/invitations/:invitationId/decline',
    {
      config: own,
      schema: {
        operationId: 'declineOrganizationInvitation',
        tags,
        summary: 'Decline an invitation',
        params: InvitationPath,
        response: {
          204: z.null().describe('The invitation is declined'),
          ...errors(409),
        },
      },
    },
    async (request, reply) => {
      await declineInvitation(dependencies, callerOf(request), request.params.invitationId)
      return reply.code(204).send(null)
    },
  )
}

const sentToWire = ({ row, delivery }: InvitationWithDelivery): z.output<typeof SentInvitation> => ({
  ...invitationToWire(row),
  delivery: { status: delivery.status, message: delivery.message },
})
