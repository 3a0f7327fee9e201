import { randomUUID } from 'node:crypto'
import { type Language, mailLanguage } from '@daytona-auth/accounts/language/language'
import { composeMail } from '@daytona-auth/accounts/mail/compose-mail'
import type { MailTranslation } from '@daytona-auth/accounts/mail/mail-translations'
import { quotedName } from '@daytona-auth/accounts/shown-name'
import type { MailRecipient } from '@daytona-auth/db/clients'
import type { Mail, Mailer } from '@daytona-auth/service'
import type { FastifyBaseLogger } from 'fastify'
import { deliverMail } from '../../mail/delivery.ts'

export interface AnswerDependencies {
  /** Absent: no mail is sent. */
  readonly mailer?: Mailer | undefined
  readonly mailsIn: (language: Language) => MailTranslation
  readonly logger: Pick<FastifyBaseLogger, 'warn'>
}

/** The answer to the requests of members that an organization approve an app. */
interface Answer {
  readonly organizationName: string
  readonly appName: string
  readonly isApproved: boolean
  readonly recipients: readonly MailRecipient[]
  /** Of the request that answered, for accounts that have kept none. */
  readonly language: Language
}

/**
 * Mails a committed answer to those who asked. The response does not wait: there may be a hundred. A failed mail is logged and
 * not repeated, since the consent page shows the answer as well.
 */
export function mailAnswer({ mailer, mailsIn, logger }: AnswerDependencies, answer: Answer): void {
  void sendInTurn()

  async function sendInTurn(): Promise<void> {
    for (const { email, language } of answer.recipients) {
      const translation = mailsIn(mailLanguage(language, answer.language))
      await deliverMail({ mailer, logger }, mailOf(email, answer, translation), {
        messages: { none: '', failed: '' },
        about: { mail: 'app-request-answer' },
      })
    }
  }
}

function mailOf(to: string, { organizationName, appName, isApproved }: Answer, translation: MailTranslation): Mail {
  const values = { app: quotedName(appName), organization: quotedName(organizationName) }
  return composeMail({
    kind: 'app-request-answer',
    reference: randomUUID(),
    to,
    translation,
    subject: isApproved
      ? { sentence: '{organization} approved the app {app}', values }
      : { sentence: '{organization} did not approve the app {app}', values },
    parts: isApproved
      ? [
          { sentence: '{organization} approved the app {app}, as you requested.', values },
          'Sign in to the app again and choose the organization. If you had chosen it before, the app has its access again.',
        ]
      : [
          { sentence: '{organization} did not approve the app {app}, which you had requested.', values },
          'The app has no access to this organization. Ask its owners if you need to know why.',
        ],
  })
}
