import { basename } from 'node:path'
import type { InvitationRow } from '@daytona-auth/db'
import type { Mail } from '@daytona-auth/service'
import type { OrganizationDependencies } from './authority.ts'

/** What became of the mail of an invitation, for whoever invited. */
export interface InvitationDelivery {
  readonly status: 'sent' | 'outbox' | 'failed' | 'none'
  readonly message: string
}

/**
 * Mails an invitation that is committed. A mail that fails leaves it as it is: it can be sent again. Never throws.
 */
export async function deliver(
  { mailer, issuer, logger }: OrganizationDependencies,
  invitation: InvitationRow,
  token: string,
): Promise<InvitationDelivery> {
  if (!mailer) {
    return { status: 'none', message: `Nothing is mailed here: tell ${invitation.email} of the invitation yourself` }
  }
  try {
    const delivery = await mailer.send(mailOf(invitation, `${issuer}/oauth/invitation?token=${token}`))
    if (delivery.kind === 'sent') return { status: 'sent', message: `Mailed to ${invitation.email}` }
    const file = basename(delivery.file)
    const message = `No mail server is configured: the mail was written to the outbox directory as ${file}`
    return { status: 'outbox', message }
  } catch (error) {
    logger.warn({ err: error, invitationId: invitation.id }, 'mail of an invitation failed')
    return { status: 'failed', message: 'The mail could not be sent: send the invitation again' }
  }
}

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
