import { Link } from '@tanstack/react-router'
import { BookOpen } from 'lucide-react'
import { useOrganizationAccess } from '../permissions/use-organization-access.ts'
import { Brand } from '../ui/brand.tsx'
import { OrganizationSwitcher } from './organization-switcher.tsx'
import { isOffered, ORGANIZATION_PAGES } from './pages.ts'
import { UserMenu } from './user-menu.tsx'

/** The navigation, in the sidebar and in the drawer of narrow screens. */
export const Navigation = ({ organizationId }: { readonly organizationId: string | undefined }) => (
  <>
    <Link to="/" className="brand-link">
      <Brand />
    </Link>
    <OrganizationSwitcher organizationId={organizationId} />
    {organizationId !== undefined && <OrganizationNavigation organizationId={organizationId} />}
    <div className="sidebar-end">
      <a href="/docs" className="nav-link">
        <BookOpen className="icon" aria-hidden="true" />
        API documentation
      </a>
      <UserMenu />
    </div>
  </>
)

/** The pages of an organization, without those that the person has no access to. */
function OrganizationNavigation({ organizationId }: { readonly organizationId: string }) {
  const { held } = useOrganizationAccess(organizationId)
  return (
    <nav aria-label="Organization">
      <ul className="nav">
        {ORGANIZATION_PAGES.filter((page) => isOffered(page, held)).map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link to={to} params={{ organizationId }} className="nav-link" activeProps={{ className: 'active' }}>
              <Icon className="icon" aria-hidden="true" />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
