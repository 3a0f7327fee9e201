import type { Database } from '@daytona-auth/db'
import type { Mailer } from '@daytona-auth/service'
import type Provider from 'oidc-provider'
import type { ProviderConfig } from './config.ts'
import type { ShareAttempts } from './flows/sign-in/shared-attempts.ts'
import type { ProviderMetrics } from './metrics.ts'
import type { ClientFacts } from './pages/client.ts'
import type { UnknownLookUps } from './provider/endpoints/unknown-look-ups.ts'
import type { AskingDevice } from './provider/storage/device-codes.ts'

/** What the pages are given: everything that they need of the process. */
export interface PageContext {
  /** The provider of this moment. Ask each time: a new set of signing keys brings a new one. */
  readonly provider: () => Provider
  readonly database: Database
  readonly config: ProviderConfig
  readonly metrics: Pick<ProviderMetrics, 'attempt' | 'watchHashing' | 'hashed'>
  /** Without it, nothing is mailed. */
  readonly mailer?: Mailer | undefined
  /** Without it, this process counts attempts alone. */
  readonly share?: ShareAttempts | undefined
  readonly unknown: UnknownLookUps
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** A page that says why an authorization cannot go on. Never a redirect: where to is what is in doubt. */
export interface ErrorPage {
  readonly statusCode: number
  /** The RFC 6749 code, such as `invalid_redirect_uri`. */
  readonly error: string
  /** What is wrong, for the app's developer. */
  readonly description: string | undefined
  /** The app that the person may go back to, told of the error; without it there is no way back. */
  readonly back?: WayBack | undefined
}

/** To an app, by a link or by a form with these fields (the response mode `form_post`). */
export interface WayBack {
  readonly href: string
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/** The page that a form of ours ends at, and from which the browser goes on to the app by itself. */
export interface LeavePage {
  readonly href: string
  readonly clientName: string | undefined
}

/** "Do you want to sign out?" */
export interface SignOutPage {
  /** Where the form posts to, with `xsrf` and, for yes, `logout=yes`. */
  readonly action: string
  readonly xsrf: string
  /** Of the app that asks, if it is known. */
  readonly clientName: string | undefined
}

export interface SignedOutPage {
  readonly clientName: string | undefined
  /** Where the app wants the person to go on, which only the person decides. */
  readonly back?: WayBack | undefined
}

/**
 * Somebody signed in while another account had the browser's session: the library answers the resumed authorization
 * with a form that posts itself by script to the sign-out's confirmation, and comes back. Without script, a button.
 */
export interface SwitchAccountPage {
  /** Where the form posts to, with `xsrf` and `logout=yes`. */
  readonly action: string
  readonly xsrf: string
}

/** "Which code does your device show?" */
export interface DeviceCodePage {
  /** Where the form posts to, with `xsrf` and `user_code`. */
  readonly action: string
  readonly xsrf: string
  /** From the link that the device shows, or as it was sent; not looked at yet. */
  readonly userCode: string
  readonly problem: string | undefined
}

/** "Is this your device?" */
export interface DeviceConfirmationPage extends AskingDevice {
  /** Where the form posts to, with `xsrf`, `user_code` and `confirm=yes`, and for no `abort=yes` as well. */
  readonly action: string
  readonly xsrf: string
  readonly userCode: string
  readonly client: ClientFacts
  /** Asked for. */
  readonly scopes: readonly string[]
}

export interface DeviceAnsweredPage {
  readonly allowed: boolean
  readonly clientName: string | undefined
}

/**
 * The documents that oidc-provider itself has to send, as whole HTML documents without inline style or script. The
 * headers, CSP among them, are set by whoever sends them: see `provider/html-policy.ts`.
 */
export interface ProviderPages {
  error(page: ErrorPage): string
  leave(page: LeavePage): string
  signOut(page: SignOutPage): string
  signedOut(page: SignedOutPage): string
  switchAccount(page: SwitchAccountPage): string
  deviceCode(page: DeviceCodePage): string
  deviceConfirmation(page: DeviceConfirmationPage): string
  deviceAnswered(page: DeviceAnsweredPage): string
}
