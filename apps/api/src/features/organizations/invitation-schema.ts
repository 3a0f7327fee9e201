import { isEmailAddress, MAX_EMAIL_BYTES } from '@daytona-auth/accounts/email-address'
import { normalizeEmail } from '@daytona-auth/db/core'
import type { InvitationRow } from '@daytona-auth/db/organizations'
import { boundedText, closedObject } from '@daytona-auth/service'
import * as z from 'zod'
import { GivenId, GivenInstant, Instant, instant } from '../../http/schemas.ts'
import { GivenRole, givenAccess } from './member-schema.ts'
import { OrganizationRole, roleToWire } from './role-schema.ts'
import { OrganizationPath } from './schema.ts'

const GivenEmail = boundedText({ max: 512, error: `must be at most ${MAX_EMAIL_BYTES} characters` })
  .overwrite(normalizeEmail)
  .refine(isEmailAddress, 'must be an e-mail address')
  .meta({ format: 'email', maxLength: MAX_EMAIL_BYTES })

const expiresAt = GivenInstant.nullish().describe(
  'In the future. Default: seven days from now, unless the operator set another duration',
)

export const CreateInvitation = closedObject({ email: GivenEmail, ...givenAccess, expiresAt }).meta({
  id: 'CreateOrganizationInvitation',
})

export const RenewInvitation = closedObject({ ...givenAccess, expiresAt }).meta({ id: 'UpdateOrganizationInvitation' })

export const InvitationOfOrganizationPath = OrganizationPath.extend({ invitationId: GivenId })

export const InvitationPath = z.object({ invitationId: GivenId })

const members = {
  id: z.string(),
  email: z.string(),
  invitedBy: z.string().describe('The address of the inviting user'),
  organizationId: z.string(),
  organizationName: z.string(),
  expiresAt: Instant,
  status: z.enum(['pending', 'accepted', 'declined', 'cancelled']),
  role: GivenRole,
  assignedRoles: z.array(OrganizationRole),
  createdAt: Instant,
  updatedAt: Instant,
}

export const OrganizationInvitation = z.object(members).meta({ id: 'OrganizationInvitation' })

/** An invitation for its sender, with the outcome of its mail. */
export const SentInvitation = z
  .object({
    ...members,
    delivery: z.object({
      status: z
        .enum(['sent', 'outbox', 'failed', 'none'])
        .describe(
          '`sent`: mailed. `outbox`: no mail server is configured, and the mail was written to the outbox directory. `failed`: the mail could not be sent, send the invitation again. `none`: this service sends no mail',
        ),
      message: z.string().describe('The status as a sentence'),
    }),
  })
  .meta({ id: 'SentOrganizationInvitation' })

export const invitationToWire = (row: InvitationRow): z.output<typeof OrganizationInvitation> => ({
  id: row.id,
  email: row.email,
  invitedBy: row.inviterEmail,
  organizationId: row.organizationId,
  organizationName: row.organizationName,
  expiresAt: instant(row.expiresAt),
  status: row.status,
  role: row.role,
  assignedRoles: row.assignedRoles.map(roleToWire),
  createdAt: instant(row.createdAt),
  updatedAt: instant(row.updatedAt),
})
