import type { Language } from '@daytona-auth/accounts/language/language'
import type { MailTranslation } from '@daytona-auth/accounts/mail/mail-translations'
import type { Verifier } from '@daytona-auth/auth'
import type { Database } from '@daytona-auth/db/core'
import type { Mailer } from '@daytona-auth/service'
import type Provider from 'oidc-provider'
import type { ProviderConfig } from '../../config.ts'
import type { ShareAttempts } from '../../limits/shared-attempts.ts'
import type { UnknownLookUps } from '../../limits/unknown-look-ups.ts'
import type { Places } from '../../pages/places.ts'
import type { OrganizationUpstreams } from '../../upstream/organization-upstreams.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import type { SignInMetrics } from '../metrics.ts'

/** The pages' dependencies. */
export interface PageContext {
  /** Returns the current provider. Call it for each request: new signing keys replace the provider. */
  readonly provider: () => Provider
  readonly database: Database
  readonly config: ProviderConfig
  readonly metrics: SignInMetrics
  /** Without it, no mail is sent. */
  readonly mailer?: Mailer | undefined
  /** The texts of mails in a language. */
  readonly mailsIn: (language: Language) => MailTranslation
  /** Where the addresses of sessions and events are. */
  readonly places: Places
  /** Without it, each process counts attempts separately. */
  readonly share?: ShareAttempts | undefined
  readonly unknown: UnknownLookUps
  /** The other providers that people may sign in with, by their names. */
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly organizationUpstreams: OrganizationUpstreams
  /** Evicts what this process has cached about a changed row. Call it after the commit and before the response. */
  readonly invalidate: Verifier['invalidate']
  /** Milliseconds since the epoch. */
  readonly now: () => number
}
