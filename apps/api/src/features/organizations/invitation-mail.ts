import { type Language, mailLanguage } from '@daytona-auth/accounts/language/language'
import { composeMail } from '@daytona-auth/accounts/mail/compose-mail'
import type { MailTranslation } from '@daytona-auth/accounts/mail/mail-translations'
import { quotedName } from '@daytona-auth/accounts/shown-name'
import type { InvitationRow } from '@daytona-auth/db/organizations'
import { findLanguageOfAddress } from '@daytona-auth/db/users'
import type { Mail } from '@daytona-auth/service'
import { deliverMail, type MailDelivery } from '../../mail/delivery.ts'
import type { OrganizationDependencies } from './authority.ts'

/**
 * Mails a committed invitation, in the language of the account that has verified the address, otherwise of the inviter's request. A
 * failed mail leaves the invitation unchanged, so it can be sent again. Never throws.
 */
export async function deliverInvitation(
  { database, mailer, mailsIn, issuer, logger }: OrganizationDependencies,
  invitation: InvitationRow,
  token: string,
  language: Language,
): Promise<MailDelivery> {
  const kept = await findLanguageOfAddress(database, invitation.email).catch((error: unknown) => {
    logger.warn({ err: error, invitationId: invitation.id }, 'language of the invited account is unknown')
    return null
  })
  const translation = mailsIn(mailLanguage(kept, language))
  const link = `${issuer}/oauth/invitation?token=${token}`
  return deliverMail({ mailer, logger }, mailOf(invitation, link, translation), {
    messages: {
      none: `This service sends no mail: inform ${invitation.email} of the invitation yourself`,
      failed: 'The mail could not be sent: send the invitation again',
    },
    about: { invitationId: invitation.id },
  })
}

/** Writes the mail. Its only link is the API's: names are quoted so that no mail program turns them into another. */
function mailOf(
  { email: to, inviterName, inviterEmail: address, expiresAt, ...invitation }: InvitationRow,
  link: string,
  translation: MailTranslation,
): Mail {
  const organization = quotedName(invitation.organizationName)
  return composeMail({
    kind: 'invitation',
    // Each link has another token.
    reference: link,
    to,
    translation,
    subject: { sentence: 'Invitation to {organization} on {brand}', values: { organization } },
    parts: [
      {
        sentence: '{inviter} ({address}) invites you to the organization {organization} on {brand}.',
        values: { inviter: quotedName(inviterName), address, organization },
      },
      'Open this page to confirm your address, and then accept the invitation in the dashboard:',
      { label: 'Confirm the address', href: link },
      {
        sentence: 'The invitation is for {to} and ends on {time}.',
        values: { to, time: translation.time(expiresAt) },
      },
      'If you do not know the sender, ignore this mail. Nothing happens.',
    ],
  })
}
