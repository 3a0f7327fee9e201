import { quotedName } from '@daytona-auth/accounts/shown-name'
import type { InvitationRow } from '@daytona-auth/db'
import type { Mail } from '@daytona-auth/service'
import { deliver as deliverMail, type MailDelivery } from '../../mail/delivery.ts'
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

/** The one link is ours. Names are quoted, and in no form that a mail program would turn into another link. */
function mailOf({ email, inviterName, inviterEmail, expiresAt, ...invitation }: InvitationRow, link: string): Mail {
  const organizationName = quotedName(invitation.organizationName)
  return {
    to: email,
    subject: `Invitation to ${organizationName} on Daytona`,
    text: [
      `${quotedName(inviterName)} (${inviterEmail}) invites you to the organization ${organizationName} on Daytona.`,
      `Open this page to confirm your address, and then accept the invitation in the dashboard:\n\n${link}`,
      `The invitation is for ${email} and ends on ${expiresAt.toUTCString()}.`,
      'If you do not know who invites you, ignore this mail: nothing happens.',
      '',
    ].join('\n\n'),
  }
}
