import type { ClientFacts } from './client.ts'
import type { LocalizedPage, Message } from './language.ts'

/** A page that explains why an authorization cannot continue. Never a redirect, because its target is not trusted. */
export interface ErrorPage {
  readonly statusCode: number
  /** The RFC 6749 code, such as `invalid_redirect_uri`. */
  readonly error: string
  /** What is wrong, for the app's developer. */
  readonly description: string | undefined
  /** What the user can do about it, in place of a text by the status. */
  readonly advice?: Message | undefined
  /** The link back to the app, with the error; absent if there is none. */
  readonly back?: WayBack | undefined
}

/** A way back to an app: a link, or a form with these fields (the response mode `form_post`). */
export interface WayBack {
  readonly href: string
  readonly fields?: Readonly<Record<string, string>> | undefined
}

/** The page after one of our forms, from which the browser continues to the app without script. */
export interface LeavePage {
  readonly href: string
  readonly clientName: string | undefined
}

/** The page that asks for confirmation of a sign-out. */
export interface SignOutPage {
  /** The form's URL. It posts `xsrf` and, to confirm, `logout=yes`. */
  readonly action: string
  readonly xsrf: string
  /** The name of the requesting app, if known. */
  readonly clientName: string | undefined
}

export interface SignedOutPage {
  readonly clientName: string | undefined
  /** The app's URL, as a link that the user may follow. */
  readonly back?: WayBack | undefined
}

/**
 * Replaces the library's page after a user signed in while another account had the browser's session. That page posts a
 * form by script to the confirmation of the sign-out, and then resumes. Ours has a button instead of a script.
 */
export interface SwitchAccountPage {
  /** The form's URL. It posts `xsrf` and `logout=yes`. */
  readonly action: string
  readonly xsrf: string
}

/** The page that asks for the user code of a device. */
export interface DeviceCodePage {
  /** The form's URL. It posts `xsrf` and `user_code`. */
  readonly action: string
  readonly xsrf: string
  /** From the link that the device shows, or as submitted; not verified. */
  readonly userCode: string
  readonly problem: Message | undefined
}

/** The page that asks whether the device belongs to the user. */
export interface DeviceConfirmationPage {
  /** The form's URL. It posts `xsrf`, `user_code` and `confirm=yes`; to deny, also `abort=yes`. */
  readonly action: string
  readonly xsrf: string
  readonly userCode: string
  readonly client: ClientFacts
  /** The requested scopes. */
  readonly scopes: readonly string[]
  /** The device that requested the code. */
  readonly address: string
  readonly userAgent: string
}

export interface DeviceAnsweredPage {
  readonly allowed: boolean
  readonly clientName: string | undefined
}

/**
 * Renders the documents that oidc-provider sends, as whole HTML documents without inline style or script. The sender
 * sets the headers, CSP included: see `provider/endpoints/html-policy.ts`.
 */
export interface ProviderPages {
  error(page: ErrorPage): LocalizedPage
  leave(page: LeavePage): LocalizedPage
  signOut(page: SignOutPage): LocalizedPage
  signedOut(page: SignedOutPage): LocalizedPage
  switchAccount(page: SwitchAccountPage): LocalizedPage
  deviceCode(page: DeviceCodePage): LocalizedPage
  deviceConfirmation(page: DeviceConfirmationPage): LocalizedPage
  deviceAnswered(page: DeviceAnsweredPage): LocalizedPage
}
