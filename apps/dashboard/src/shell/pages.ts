import { AppWindow, Building2, History, KeyRound, ShieldCheck, Users } from 'lucide-react'

/** The pages of an organization, in the order of the navigation. `key` opens the page after `g`. */
export const ORGANIZATION_PAGES = [
  { to: '/o/$organizationId/keys', label: 'API keys', icon: KeyRound, key: 'k' },
  { to: '/o/$organizationId/members', label: 'Members', icon: Users, key: 'm' },
  { to: '/o/$organizationId/roles', label: 'Roles', icon: ShieldCheck, key: 'r' },
  { to: '/o/$organizationId/apps', label: 'OAuth apps', icon: AppWindow, key: 'o' },
  { to: '/o/$organizationId/audit', label: 'Audit', icon: History, key: 'a' },
  { to: '/o/$organizationId/settings', label: 'Organization', icon: Building2, key: 's' },
] as const

/** Opens the account after `g`. */
export const ACCOUNT_KEY = 'u'
