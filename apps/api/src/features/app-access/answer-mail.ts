import { randomUUID } from 'node:crypto'
import type { Language } from '@daytona-auth/accounts/language/language'
import { composeMail } from '@daytona-auth/accounts/mail/compose-mail'
import { quotedName } from '@daytona-auth/accounts/shown-name'
import type { Mail } from '@daytona-auth/service'
import { deliverMail } from '../../mail/delivery.ts'
import type { AppAccessDependencies } from './app-access.ts'

/** The answer to the requests of members that an organization approve an app. */
interface Answer {
  readonly organizationName: string
  readonly appName: string
  readonly isApproved: boolean
  readonly addresses: readonly string[]
  /** Of the request that answered. */
  readonly language: Language
}

/**
 * Mails a committed answer to those who asked. The response does not wait: there may be a hundred. A failed mail is logged and
 * not repeated, since the consent page shows the answer as well.
 */
export function mailAnswer({ mailer, mailsIn, logger }: AppAccessDependencies, answer: Answer): void {
  void sendInTurn()

  async function sendInTurn(): Promise<void> {
    for (const to of answer.addresses) {
      await deliverMail({ mailer, logger }, mailOf(to, answer, mailsIn(answer.language)), {
        messages: { none: '', failed: '' },
        about: { mail: 'app-request-answer' },
      })
    }
  }
}

function mailOf(
  to: string,
  { organizationName, appName, isApproved }: Answer,
  translation: ReturnType<AppAccessDependencies['mailsIn']>,
): Mail {
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
