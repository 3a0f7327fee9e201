import type { InvitationRow } from '@daytona-auth/db'
import type { Mail } from '@daytona-auth/service'
import { deliver as deliverMail, type MailDelivery } from '../../delivery.ts'
import type { OrganizationDependencies } from './authority.ts'

/**
 * Mails an invitation that is committed. A mail that fails leaves it as it is: it can be sent again. Never throws.
 */
export const deliver = (
  { mailer, issuer, logger }: OrganizationDependencies,
  invitation: InvitationRow,
  token: string,
): Promise<MailDelivery> =>
  deliverMail({ mailer, logger }, mailOf(invitation, `${issuer}/oauth/invitation?token=${token}`), {
    words: {
      none: `Nothing is mailed here: tell ${invitation.email} of the invitation yourself`,
      failed: 'The mail could not be sent: send the invitation again',
    },
    about: { invitationId: invitation.id },
  })

function mailOf({ email, inviterName, inviterEmail, organizationName, expiresAt }: InvitationRow, link: string): Mail {
  return {
    to: email,
    subject: `Invitation to ${organizationName} on Daytona`,
    text: [
      `${inviterName} (${inviterEmail}) invites you to the organization ${organizationName} on Daytona.`,
      `Open this page to confirm your address, and then accept the invitation in the dashboard:\n\n${link}`,
      `The invitation is for ${email} and ends on ${expiresAt.toUTCString()}.`,
      'If you do not know who invites you, ignore this mail: nothing happens.',
      '',
    ].join('\n\n'),
  }
}
