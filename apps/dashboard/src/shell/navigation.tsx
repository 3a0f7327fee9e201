import { Link } from '@tanstack/react-router'
import { BookOpen, History, KeyRound, Users } from 'lucide-react'
import { Brand } from '../ui/brand.tsx'
import { OrganizationSwitcher } from './organization-switcher.tsx'
import { UserMenu } from './user-menu.tsx'

/** The pages of an organization, in the order of the navigation. A new page adds its line here. */
const ORGANIZATION_PAGES = [
  { to: '/o/$organizationId/keys', label: 'API keys', icon: KeyRound },
  { to: '/o/$organizationId/members', label: 'Members', icon: Users },
  { to: '/o/$organizationId/audit', label: 'Audit', icon: History },
] as const

/** The navigation, in the sidebar and in the drawer of narrow screens. */
export const Navigation = ({ organizationId }: { readonly organizationId: string | undefined }) => (
  <>
    <Link to="/" className="brand-link">
      <Brand />
    </Link>
    <OrganizationSwitcher organizationId={organizationId} />
    {organizationId !== undefined && (
      <nav aria-label="Organization">
        <ul className="nav">
          {ORGANIZATION_PAGES.map(({ to, label, icon: Icon }) => (
            <li key={to}>
              <Link to={to} params={{ organizationId }} className="nav-link" activeProps={{ className: 'active' }}>
                <Icon className="icon" aria-hidden="true" />
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    )}
    <div className="sidebar-end">
      <a href="/docs" className="nav-link">
        <BookOpen className="icon" aria-hidden="true" />
        API documentation
      </a>
      <UserMenu />
    </div>
  </>
)
