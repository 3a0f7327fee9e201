import type { Permission } from '@daytona-auth/sdk'
import { AppWindow, Building2, History, KeyRound, type LucideIcon, Server, ShieldCheck, Users } from 'lucide-react'

/**
 * The pages of an organization, in the order of the navigation. `key` opens the page after `g`. Those that only
 * administrators can see are last: hiding them moves nothing.
 */
export const ORGANIZATION_PAGES = [
  { to: '/o/$organizationId/keys', label: 'API keys', icon: KeyRound, key: 'k' },
  { to: '/o/$organizationId/members', label: 'Members', icon: Users, key: 'm' },
  { to: '/o/$organizationId/roles', label: 'Roles', icon: ShieldCheck, key: 'r' },
  { to: '/o/$organizationId/settings', label: 'Organization', icon: Building2, key: 's' },
  { to: '/o/$organizationId/apps', label: 'OAuth apps', icon: AppWindow, key: 'o', isForAdministrators: true },
  { to: '/o/$organizationId/apis', label: 'APIs', icon: Server, key: 'i', isForAdministrators: true },
  { to: '/o/$organizationId/audit', label: 'Audit', icon: History, key: 'a', isForAdministrators: true },
] as const satisfies readonly OrganizationPage[]

interface OrganizationPage {
  readonly to: `/o/$organizationId/${string}`
  readonly label: string
  readonly icon: LucideIcon
  readonly key: string
  readonly isForAdministrators?: true
}

/** Opens the account after `g`. */
export const ACCOUNT_KEY = 'u'

/** Whether a page is offered to a person, as far as it is known what the person holds. */
export const isOffered = (page: OrganizationPage, held: ReadonlySet<Permission> | undefined): boolean =>
  page.isForAdministrators !== true || held?.has('admin:organization') === true
