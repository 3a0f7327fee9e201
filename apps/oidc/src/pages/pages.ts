import { fileURLToPath } from 'node:url'
import { createTranslations } from '@daytona-auth/accounts/language/translations'
import { Eta } from 'eta'
import type { ProviderConfig } from '../config.ts'
import { type Assets, createAssets } from './assets.ts'
import type { ShownClient } from './client.ts'
import { dashboardUrl } from './dashboard-url.ts'
import { GERMAN, type Sentence } from './german/german.ts'
import type { LocalizedPage, Message } from './language.ts'
import type {
  DeviceAnsweredPage,
  DeviceCodePage,
  DeviceConfirmationPage,
  SignedOutPage,
  SignOutPage,
  SwitchAccountPage,
  WayBack,
} from './page-content.ts'

import type { ShownResource } from './resource.ts'

/** The content of each page. Every value is plain text, which the templates escape. */
export interface Pages {
  'sign-in': FormPage & {
    readonly client: ShownClient
    readonly email: string
    /** Whether the user is signed in already and must enter the password again. */
    readonly again: boolean
    readonly cancel: string
    readonly signUp: string
    readonly recovery: string
    readonly passkey: string
    /** For the browser, as JSON: it offers passkeys in the field of the address. */
    readonly passkeyOptions: string
    /** Where the address leads to the provider of its organization. */
    readonly organization?: string | undefined
    /** The name of the identity provider that the organization of the address requires. */
    readonly required?: string | undefined
    /** What the sign-in leads to, in place of the app. */
    readonly decision: string | undefined
    /** The link back, instead of switching accounts. */
    readonly back?: string | undefined
    /** The other providers to sign in with. */
    readonly upstreams: readonly { readonly label: string; readonly action: string }[]
    /** The provider whose identity is linked to the account by this sign-in. */
    readonly connecting?: { readonly label: string; readonly email: string; readonly decline: string } | undefined
  }
  'sign-up': FormPage & {
    readonly client: ShownClient
    readonly email: string
    readonly name: string
    readonly wrong: Readonly<Partial<Record<'name' | 'email' | 'password', Message>>>
    readonly cancel: string
    readonly signIn: string
  }
  consent: FormPage & {
    readonly client: ShownClient
    readonly email: string
    /** Those of our own apps, which the user allows as a whole. */
    readonly scopes: readonly ShownScope[]
    /** The API of an organization that the app requests access to; undefined for our own API. */
    readonly resource: ShownResource | undefined
    /** Those of a third-party app. */
    readonly choices: readonly ChoosableScope[]
    /** Whether the app had access before. */
    readonly hadAccess: boolean
    /** Empty if there is no choice of organizations. */
    readonly organizations: readonly ShownOrganization[]
    /** The text that the organizations were searched for; undefined if they are too few for a search. */
    readonly find: string | undefined
    readonly otherAccount: string
    /** Where a second factor is set up for this sign-in; undefined for an account that has one, or no verified address. */
    readonly enrollment: string | undefined
    /** Whether the app runs on another device, which waits for the answer. */
    readonly forDevice: boolean
    /** Whether access continues when the user signs out in this browser. */
    readonly outlivesSession: boolean
  }
  /** The page linked from an invitation mail. */
  invitation: {
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly organization: string
    readonly inviterName: string
    readonly inviterEmail: string
    readonly email: string
    readonly problem?: Message | undefined
    readonly takeOver: string
  }
  /** The page of an invitation to an address without an account. */
  'invitation-sign-up': {
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly organization: string
    readonly inviterName: string
    readonly inviterEmail: string
    readonly email: string
    readonly name: string
    /** The identity provider that the organization of the address requires: then no password is asked for. */
    readonly required: string | undefined
    readonly problem?: Message | undefined
    readonly wrong: Readonly<Partial<Record<'name' | 'email' | 'password', Message>>>
  }
  /** `isNew`: the account was created with the invitation. */
  'invitation-redeemed': { readonly organization: string; readonly email: string; readonly isNew: boolean }
  /** The page linked from the mail that verifies an address. */
  'email-verification': {
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly email: string
    readonly problem?: Message | undefined
    readonly takeOver: string
  }
  'email-verified': { readonly email: string }
  /** The page on which the holder of an address replaces an account that someone else created with it. */
  'take-over': {
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly email: string
    readonly name: string
    /** The identity provider that the organization of the address requires, instead of the password. */
    readonly required: string | undefined
    readonly problem?: Message | undefined
    readonly wrong: Readonly<Partial<Record<'name' | 'email' | 'password', Message>>>
  }
  'taken-over': { readonly email: string }
  /** The page that requests a mail to choose a new password. */
  recovery: {
    readonly action: string
    readonly email: string
    readonly problem?: Message | undefined
    readonly sendsMail: boolean
  }
  /** The same for every address. */
  'recovery-sent': { readonly email: string }
  'new-password': {
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly email: string
    /** The identity provider that the organization of the address requires, instead of the password. */
    readonly required: string | undefined
    readonly problem?: Message | undefined
  }
  /** `keys`: the number of API keys that continue to work. */
  recovered: { readonly email: string; readonly keys: number }
  'key-revocation': {
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly email: string
    readonly keys: number
  }
  'keys-revoked': { readonly keys: number }
  /** The page that requests a mail to have lost second factors removed. */
  'factor-reset': {
    readonly action: string
    readonly email: string
    readonly problem?: Message | undefined
    readonly sendsMail: boolean
    /** The waiting time. */
    readonly hours: number
  }
  /** The page linked from a mail that starts or cancels the removal. */
  'factor-reset-link': {
    readonly step: 'start' | 'cancel'
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly email: string
    readonly hours: number
    /** When the factors are removed, in ISO format; undefined before the start. */
    readonly endsAt: string | undefined
  }
  /** `sent`: the same for every address. */
  'factor-reset-answered': {
    readonly answer: 'sent' | 'started' | 'cancelled'
    readonly email: string
    readonly endsAt?: string | undefined
  }
  account: AccountPage & {
    readonly name: string
    readonly wrong: Readonly<Partial<Record<'name' | 'language' | 'time_zone', Message>>>
    /** The value of an option with which nothing is chosen. */
    readonly notChosen: string
    readonly language: string
    readonly languages: readonly { readonly tag: string; readonly name: string }[]
    readonly timeZone: string
    readonly timeZones: readonly string[]
    readonly emailVerified: boolean
    /** In ISO format, as all instants. */
    readonly createdAt: string
  }
  'account-email': AccountPage & {
    /** As it was entered, after a refused form. */
    readonly newEmail: string
    /** Whether the current address has to approve as well: it was verified. */
    readonly needsApproval: boolean
    readonly sendsMail: boolean
    readonly pending: PendingEmailChange | undefined
  }
  /** The page linked from one of the two mails of a change of the address. */
  'email-change': {
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly side: 'current' | 'new'
    readonly newEmail: string
    /** Whether this address has confirmed already. */
    readonly isConfirmed: boolean
  }
  'email-change-answered': { readonly newEmail: string; readonly answer: 'waiting' | 'changed' | 'cancelled' }
  'account-password': AccountPage & {
    readonly wrong: Readonly<Partial<Record<'password' | 'new_password', Message>>>
  }
  /** The step of a sign-in that follows the password. */
  'second-factor': FormPage & {
    /** States that the password was right. */
    readonly ticket: string
    /** What is asked for: a passkey, if the account has no authenticator app. */
    readonly method: 'totp' | 'passkey' | 'recovery-code'
    readonly hasApp: boolean
    readonly trusts: boolean
    readonly client: ShownClient
    readonly cancel: string
    /** For the browser, as JSON; undefined for an account without passkeys. */
    readonly passkeyOptions: string | undefined
    /** The page for a person who has lost every second factor. */
    readonly lost: string
  }
  /** The set-up of the first second factor of an account, after its password. */
  enrollment: FormPage &
    TotpSetUpPage & {
      /** States that the password was right. */
      readonly ticket: string
      readonly client: ShownClient
      readonly cancel: string
      /** Whether the app asks for it; otherwise organizations of the user do. */
      readonly isForApp: boolean
      /** Whether the sign-in cannot continue without it. */
      readonly isRequired: boolean
      /** For the browser, as JSON. */
      readonly passkeyOptions: string
    }
  /** Shown once: the codes are stored as digests. */
  'enrollment-codes': {
    readonly codes: readonly string[]
    readonly client: ShownClient
    /** Where the sign-in continues. */
    readonly next: string
  }
  /** The page that signs in without an address or a password. */
  passkey: FormPage & {
    /** For the browser, as JSON. */
    readonly options: string
    readonly client: ShownClient
    readonly signIn: string
    readonly cancel: string
  }
  'account-passkeys': AccountPage & {
    /** For the browser, as JSON. */
    readonly options: string
    readonly passkeys: readonly {
      readonly id: string
      readonly browser: Message
      readonly isSynchronized: boolean
      readonly createdAt: string
      readonly lastUsedAt: string | undefined
    }[]
  }
  'account-factors': AccountPage & {
    /** When the authenticator app was added, in ISO format; undefined without one. */
    readonly totpSince: string | undefined
    readonly hasPasskeys: boolean
    /** The page of passkeys. */
    readonly passkeys: string
    readonly recoveryCodes: number
    readonly browsers: readonly {
      readonly id: string
      readonly browser: Message
      readonly trustedAt: string
      readonly expiresAt: string
    }[]
    readonly setUp: string
    /** When all second factors are removed, in ISO format, because they were reported lost. */
    readonly removedAt: string | undefined
  }
  'account-sign-ins': AccountPage & {
    readonly identities: readonly {
      /** What the form that removes it sends: the issuer, or the organization whose provider it is. */
      readonly field: 'issuer' | 'organization'
      readonly value: string
      readonly label: string
      /** Whether people can sign in with the provider now. */
      readonly isOffered: boolean
      /** Whether its organization adds members, and the user is none: its quota was reached. */
      readonly awaitsMembership: boolean
      /** The address there, or the host of the organization's provider. */
      readonly detail: string
      readonly linkedAt: string
      readonly lastUsedAt: string | undefined
    }[]
    readonly offered: readonly string[]
    readonly hasPassword: boolean
    readonly recovery: string
  }
  'account-totp': AccountPage & TotpSetUpPage & { readonly back: string }
  /** Shown once: the codes are stored as digests. */
  'account-recovery-codes': AccountPage & { readonly codes: readonly string[]; readonly back: string }
  'account-sessions': AccountPage & {
    readonly sessions: readonly {
      readonly id: string
      readonly isCurrent: boolean
      readonly browser: Message
      /** In words. */
      readonly address: Message | undefined
      readonly lastSeenAt: string
      readonly apps: readonly string[]
    }[]
  }
  'account-apps': AccountPage & {
    readonly apps: readonly {
      readonly clientId: string
      readonly name: string
      readonly firstParty: boolean
      readonly scopes: readonly ShownScope[]
      /** Null: all of the user's organizations. */
      readonly organizations: readonly Message[] | null
      readonly authorizedAt: string
      readonly lastSeenAt: string | undefined
    }[]
  }
  'account-history': AccountPage & {
    readonly events: readonly {
      readonly what: Message
      /** Whether `what` was refused; otherwise it is what happened. */
      readonly isRefused: boolean
      /** The app that it is about. */
      readonly app: string | undefined
      readonly isDenied: boolean
      readonly at: string
      readonly browser: Message | undefined
      /** In words. */
      readonly address: Message | undefined
    }[]
    /** The link to older events. */
    readonly older: string | undefined
  }
  'account-deletion': AccountPage & {
    readonly keys: number
    readonly deleted: readonly { readonly name: string }[]
    readonly left: readonly { readonly name: string }[]
    /** The organizations of which the user is the only owner, among several members. */
    readonly blocking: readonly { readonly name: string }[]
  }
  'account-deleted': { readonly email: string }
  'switch-account': SwitchAccountPage
  'device-code': DeviceCodePage
  'device-confirmation': Omit<DeviceConfirmationPage, 'client' | 'scopes'> & {
    readonly client: ShownClient
    readonly scopes: readonly ShownScope[]
  }
  'device-answered': DeviceAnsweredPage
  'sign-out': SignOutPage
  'signed-out': Omit<SignedOutPage, 'back'> & { readonly back?: ShownWayBack | undefined }
  leave: { readonly refresh: string; readonly clientName: string | undefined; readonly back: ShownWayBack }
  error: {
    readonly heading: Message
    readonly sentence: Message
    /** What the user can do next. */
    readonly advice?: Message | undefined
    /** For the developer of the app that sent the user here. */
    readonly code?: string | undefined
    readonly description?: string | undefined
    readonly reference?: string | undefined
    readonly back?: ShownWayBack | undefined
  }
}

/** A way back to an app, with its host; without one for an app on the same device. */
export interface ShownWayBack extends WayBack {
  readonly host: string | undefined
  /** In place of a text with the host. */
  readonly label?: Message
}

interface FormPage {
  readonly action: string
  readonly csrf: string
  readonly problem?: Message | undefined
}

/** What an authenticator app reads. */
interface TotpSetUpPage {
  /** The secret, encrypted with what the page is for. */
  readonly setUp: string
  readonly secret: string
  readonly uri: string
  /** The QR code of the address, as SVG of our own. */
  readonly qrCode: string
}

interface PendingEmailChange {
  readonly newEmail: string
  readonly isNewConfirmed: boolean
  /** Null if the current address need not approve. */
  readonly isApproved: boolean | null
}

/** A page of the own account. */
interface AccountPage extends FormPage {
  /** The page's own path, for the navigation. */
  readonly page: string
  readonly email: string
  /** What the last change did. */
  readonly done: Message | undefined
}

export interface ShownScope {
  readonly sentence: Sentence
  /** Marked, because it is more than an ordinary permission. */
  readonly strong: boolean
}

/** A scope that the user may leave out. */
export interface ChoosableScope extends ShownScope {
  readonly value: string
  readonly isOptional: boolean
  readonly isChosen: boolean
  /** Whether the app had access before, without this scope. */
  readonly isNew: boolean
}

export interface ShownOrganization {
  readonly id: string
  readonly name: Message
  readonly personal: boolean
  readonly chosen: boolean
  /** Whether the app has access to it. */
  readonly hadAccess: boolean
  /** Whether it cannot be chosen, because the user signed in without the second factor that it requires. */
  readonly needsSecondFactor: boolean
  /** Whether it cannot be chosen, because it blocks the app, or has not approved it. The user may request that, once. */
  readonly denial?: 'blocked' | 'unapproved' | 'requested' | undefined
}

/** Renders a page as a whole HTML document, in the language of the reader. */
export type RenderPage = <Name extends keyof Pages>(name: Name, page: Pages[Name]) => LocalizedPage

export interface PageFrame {
  readonly issuer: string
  /** The name of the installation. */
  readonly brand: string
  readonly assets: Assets
}

/** Returns what surrounds the pages of an installation. */
export const pageFrameOf = (
  config: Pick<ProviderConfig, 'ISSUER' | 'BRAND_NAME' | 'BRAND_COLOR' | 'BRAND_LOGO'>,
): PageFrame => ({ issuer: config.ISSUER, brand: config.BRAND_NAME, assets: createAssets(config) })

/**
 * Creates the renderer for our own routes and for oidc-provider's pages. Each page shows the issuer in its footer, so
 * that users see where they enter their password. Templates and stylesheet are files in `templates/` beside this
 * module. A bundle needs that folder beside itself. The functions of a template: see the README.
 */
export function createPageRenderer({ issuer, brand, assets }: PageFrame): RenderPage {
  const eta = new Eta({
    views: fileURLToPath(new URL('./templates', import.meta.url)),
    cache: true,
    functionHeader: 'const { text, html, day, time } = it.translation;',
  })
  const frame = {
    stylesheet: assets.stylesheet.path,
    icon: assets.icon,
    logo: assets.logo?.path,
    passkeyScript: assets.passkeyScript.path,
    origin: new URL(issuer).host,
    dashboard: dashboardUrl(issuer),
    brand,
  }
  const translationOf = createTranslations<Sentence>({ de: GERMAN }, brand)
  return (name, page) => (language) =>
    eta.render(`./${name}`, { ...frame, ...page, translation: translationOf(language) })
}
