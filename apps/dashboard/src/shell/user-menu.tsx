import { Link } from '@tanstack/react-router'
import { ChevronsUpDown, CircleUser, LogOut, Plus } from 'lucide-react'
import { signOut } from '../session/session.ts'
import { useProfile } from '../session/use-session.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuItem, MenuLink } from '../ui/menu.tsx'

/** Who is signed in, and what concerns the person. */
export function UserMenu() {
  const profile = useProfile()
  return (
    <Menu
      trigger={
        <Button kind="plain" className="switcher">
          <span>
            <span className="visually-hidden">Account: </span>
            <bdi className="truncate">{profile.name}</bdi>
            <span className="truncate small soft">{profile.email}</span>
          </span>
          <ChevronsUpDown className="icon" aria-hidden="true" />
        </Button>
      }
    >
      <MenuLink link={<Link to="/account" />}>
        <CircleUser className="icon" aria-hidden="true" />
        Account
      </MenuLink>
      <MenuLink link={<Link to="/organizations/new" />}>
        <Plus className="icon" aria-hidden="true" />
        Create an organization
      </MenuLink>
      <MenuItem onSelect={() => void signOut()}>
        <LogOut className="icon" aria-hidden="true" />
        Sign out
      </MenuItem>
    </Menu>
  )
}
