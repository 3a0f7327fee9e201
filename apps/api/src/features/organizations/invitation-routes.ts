import { errors } from '@daytona-auth/service'
import * as z from 'zod'
import { callerIn, callerOf } from '../../http/caller.ts'
import { BY_NUMBER, PageQuery, pageOf, readPage } from '../../http/list-pages.ts'
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
import { cancel, create, list, renew, type Sent } from './invitations.ts'
import { accept, countOwn, decline, listOwn } from './own-invitations.ts'
import { OrganizationPath } from './schema.ts'

const tags = ['Organizations']

const config = { access: 'admin:organization', organization: 'path' } as const

/** For the invited themselves: no organization of theirs is meant. */
const own = { access: 'person', organization: 'none' } as const

/** A mail server may take its time. */
const MAILING_MS = 15_000

export const invitationRoutes: Routes<OrganizationDependencies> = (app, dependencies) => {
  app.get(
    '/organizations/:organizationId/invitations',
    {
      config,
      schema: {
        operationId: 'listOrganizationInvitations',
        tags,
        summary: 'List the invitations of an organization that wait for an answer',
        params: OrganizationPath,
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationInvitation), ...errors(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        list(dependencies, callerIn(request), page),
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
        summary: 'Invite somebody',
        description: 'An owner invites owners, signed in to the dashboard or the CLI.',
        params: OrganizationPath,
        body: CreateInvitation,
        response: { 201: SentInvitation, ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      dependencies.admitInvitation(request.principal.userId, reply)
      const sent = await create(dependencies, callerIn(request), request.body)
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
        summary: 'Send an invitation again, changed or not',
        description: 'The link that was mailed before stops working.',
        params: InvitationOfOrganizationPath,
        body: RenewInvitation,
        response: { 200: SentInvitation, ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      dependencies.admitInvitation(request.principal.userId, reply)
      return sentToWire(await renew(dependencies, callerIn(request), request.params.invitationId, request.body))
    },
  )

  app.post(
    '/organizations/:organizationId/invitations/:invitationId/cancel',
    {
      config,
      schema: {
        operationId: 'cancelOrganizationInvitation',
        tags,
        summary: 'Take an invitation back',
        params: InvitationOfOrganizationPath,
        response: { 204: z.null().describe('Cancelled'), ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      await cancel(dependencies, callerIn(request), request.params.invitationId)
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
        summary: 'List the own invitations',
        description: 'For people signed in to the dashboard or the CLI whose address is verified.',
        querystring: PageQuery,
        response: { 200: pageOf(OrganizationInvitation), ...errors(400, 401, 403, 429, 503) },
      },
    },
    async (request, reply) => {
      const { rows } = await readPage({ request, reply, orderedBy: BY_NUMBER }, (page) =>
        listOwn(dependencies, callerOf(request), page),
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
        summary: 'Count the own invitations',
        response: { 200: z.int(), ...errors(400, 401, 403, 429, 503) },
      },
    },
    (request) => countOwn(dependencies, callerOf(request)),
  )

  app.post(
    '/organizations/invitations/:invitationId/accept',
    {
      config: own,
      schema: {
        operationId: 'acceptOrganizationInvitation',
        tags,
        summary: 'Accept an invitation',
        description: 'For who has the invited address, verified.',
        params: InvitationPath,
        response: { 200: OrganizationInvitation, ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request) => invitationToWire(await accept(dependencies, callerOf(request), request.params.invitationId)),
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
        response: { 204: z.null().describe('Declined'), ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      await decline(dependencies, callerOf(request), request.params.invitationId)
      return reply.code(204).send(null)
    },
  )
}

const sentToWire = ({ row, delivery }: Sent): z.output<typeof SentInvitation> => ({
  ...invitationToWire(row),
  delivery: { status: delivery.status, message: delivery.message },
})
