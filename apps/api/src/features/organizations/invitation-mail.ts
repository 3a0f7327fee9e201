import { composeMail } from '@daytona-auth/accounts/mail/compose-mail'
import { quotedName } from '@daytona-auth/accounts/shown-name'
import type { InvitationRow } from '@daytona-auth/db/organizations'
import type { Mail } from '@daytona-auth/service'
import { deliverMail, type MailDelivery } from '../../mail/delivery.ts'
import type { OrganizationDependencies } from './authority.ts'

/** Mails a committed invitation. A failed mail leaves it unchanged, so it can be sent again. Never throws. */
export const deliverInvitation = (
  { mailer, issuer, logger }: OrganizationDependencies,
  invitation: InvitationRow,
  token: string,
): Promise<MailDelivery> =>
  deliverMail({ mailer, logger }, mailOf(invitation, `${issuer}/oauth/invitation?token=${token}`), {
    messages: {
      none: `This service sends no mail: inform ${invitation.email} of the invitation yourself`,
      failed: 'The mail could not be sent: send the invitation again',
    },
    about: { invitationId: invitation.id },
  })

/** Writes the mail. Its only link is the API's: names are quoted so that no mail program turns them into another. */
function mailOf({ email, inviterName, inviterEmail, expiresAt, ...invitation }: InvitationRow, link: string): Mail {
  const organizationName = quotedName(invitation.organizationName)
  return composeMail({
    kind: 'invitation',
    // Each link has another token.
    reference: link,
    to: email,
    subject: `Invitation to ${organizationName} on Daytona`,
    parts: [
      `${quotedName(inviterName)} (${inviterEmail}) invites you to the organization ${organizationName} on Daytona.`,
      'Open this page to confirm your address, and then accept the invitation in the dashboard:',
      { label: 'Confirm the address', href: link },
      `The invitation is for ${email} and ends on ${expiresAt.toUTCString()}.`,
      'If you do not know the sender, ignore this mail. Nothing happens.',
    ],
  })
}
