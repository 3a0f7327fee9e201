import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import type {
  DeviceAnsweredPage,
  DeviceCodePage,
  DeviceConfirmationPage,
  SignedOutPage,
  SignOutPage,
  SwitchAccountPage,
  WayBack,
} from '../page-context.ts'
import { icon, stylesheet } from './assets.ts'
import type { ShownClient } from './client.ts'

/** What each page shows. Everything is text: the templates escape it. */
export interface Pages {
  'sign-in': FormPage & {
    readonly client: ShownClient
    readonly email: string
    /** Somebody is signed in already and is asked for the password once more. */
    readonly again: boolean
    readonly cancel: string
    readonly signUp: string
    /** Where to go instead of signing in as somebody else. */
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
    /** Empty where the app gets no access to organizations of its own choosing. */
    readonly organizations: readonly ShownOrganization[]
    readonly otherAccount: string
    /** The app runs on another device, which waits for the answer. */
    readonly forDevice: boolean
    /** Whether the access stays when the person signs out in this browser. */
    readonly outlivesSession: boolean
  }
  /** Where the mail of an invitation leads. */
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
  /** Where the mail leads that verifies an address. */
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
    /** For the developer of the app that sent the person here. */
    readonly code?: string | undefined
    readonly description?: string | undefined
    readonly reference?: string | undefined
    readonly back?: ShownWayBack | undefined
  }
}

/** A way to an app, with the host that it leads to; none for a program on the same device. */
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
  /** More than an ordinary permission: marked. */
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
 * The one renderer, for our own routes and for the pages that oidc-provider asks for.
 * `issuer` is shown at the foot of each page, so that people see where they type their password. Templates and
 * stylesheet are files in `templates/` beside this module: a bundle needs that folder beside itself.
 */
export function pageRenderer(issuer: string): RenderPage {
  const eta = new Eta({ views: fileURLToPath(new URL('./templates', import.meta.url)), cache: true })
  const frame = { stylesheet: stylesheet.path, icon: icon.path, origin: new URL(issuer).host }
  return (name, page) => eta.render(`./${name}`, { ...frame, ...page })
}
