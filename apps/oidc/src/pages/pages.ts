import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import { icon, stylesheet } from './assets.ts'
import type { ShownClient } from './client.ts'
import type {
  DeviceAnsweredPage,
  DeviceCodePage,
  DeviceConfirmationPage,
  SignedOutPage,
  SignOutPage,
  SwitchAccountPage,
  WayBack,
} from './page-content.ts'

/** The content of each page. Every value is plain text, which the templates escape. */
export interface Pages {
  'sign-in': FormPage & {
    readonly client: ShownClient
    readonly email: string
    /** Whether the user is signed in already and must enter the password again. */
    readonly again: boolean
    readonly cancel: string
    readonly signUp: string
    /** The link back, instead of switching accounts. */
    readonly back?: string | undefined
  }
  'sign-up': FormPage & {
    readonly client: ShownClient
    readonly email: string
    readonly name: string
    readonly wrong: Readonly<Partial<Record<'name' | 'email' | 'password', string>>>
    readonly cancel: string
    readonly signIn: string
  }
  consent: FormPage & {
    readonly client: ShownClient
    readonly email: string
    readonly scopes: readonly ShownScope[]
    /** Empty if there is no choice of organizations. */
    readonly organizations: readonly ShownOrganization[]
    readonly otherAccount: string
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
    readonly problem?: string | undefined
  }
  'invitation-redeemed': { readonly organization: string; readonly email: string }
  /** The page linked from the mail that verifies an address. */
  'email-verification': {
    readonly action: string
    /** As it was mailed. */
    readonly token: string
    readonly email: string
    readonly problem?: string | undefined
  }
  'email-verified': { readonly email: string }
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
    readonly heading: string
    readonly sentence: string
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
}

interface FormPage {
  readonly action: string
  readonly csrf: string
  readonly problem?: string | undefined
}

export interface ShownScope {
  readonly sentence: string
  /** Marked, because it is more than an ordinary permission. */
  readonly strong: boolean
}

export interface ShownOrganization {
  readonly id: string
  readonly name: string
  readonly personal: boolean
  readonly chosen: boolean
}

/** Renders a page as a whole HTML document. */
export type RenderPage = <Name extends keyof Pages>(name: Name, page: Pages[Name]) => string

/**
 * Creates the renderer for our own routes and for oidc-provider's pages. Each page shows `issuer` in its footer, so
 * that users see where they enter their password. Templates and stylesheet are files in `templates/` beside this
 * module. A bundle needs that folder beside itself.
 */
export function createPageRenderer(issuer: string): RenderPage {
  const eta = new Eta({ views: fileURLToPath(new URL('./templates', import.meta.url)), cache: true })
  const frame = { stylesheet: stylesheet.path, icon: icon.path, origin: new URL(issuer).host }
  return (name, page) => eta.render(`./${name}`, { ...frame, ...page })
}
