import type { ApiKey } from '@daytona-auth/sdk'
import { Link } from '@tanstack/react-router'
import { ChartColumn, Copy, Ellipsis, RotateCw, SlidersHorizontal, Trash2 } from 'lucide-react'
import { Button } from '../../../ui/button.tsx'
import { Menu, MenuItem, MenuLink } from '../../../ui/menu.tsx'
import { showToast } from '../../../ui/toasts.tsx'

/** What can be done with one key of the list. */
export function RowMenu({
  apiKey,
  organizationId,
  isOwn,
}: {
  readonly apiKey: ApiKey
  readonly organizationId: string
  readonly isOwn: boolean
}) {
  const { id, name, status } = apiKey
  const params = { organizationId, keyId: id }
  const isActive = status === 'active'
  return (
    <Menu
      trigger={
        <Button kind="plain" isIconOnly aria-label={`Actions for ${name}`}>
          <Ellipsis className="icon" aria-hidden="true" />
        </Button>
      }
    >
      <MenuLink link={<Link to="/o/$organizationId/keys/$keyId" params={params} search={{ tab: 'usage' }} />}>
        <ChartColumn className="icon" aria-hidden="true" />
        Usage
      </MenuLink>
      <MenuItem
        onSelect={async () => {
          await navigator.clipboard.writeText(id)
          showToast('The id of the key is copied.')
        }}
      >
        <Copy className="icon" aria-hidden="true" />
        Copy id
      </MenuItem>
      {isActive && isOwn && (
        <>
          <MenuLink link={<Link to="/o/$organizationId/keys/$keyId" params={params} search={{ tab: 'settings' }} />}>
            <SlidersHorizontal className="icon" aria-hidden="true" />
            Settings
          </MenuLink>
          <MenuLink link={<Link to="/o/$organizationId/keys/$keyId" params={params} search={{ open: 'rotate' }} />}>
            <RotateCw className="icon" aria-hidden="true" />
            Rotate…
          </MenuLink>
        </>
      )}
      {isActive && (
        <MenuLink link={<Link to="/o/$organizationId/keys/$keyId" params={params} search={{ open: 'revoke' }} />}>
          <Trash2 className="icon" aria-hidden="true" />
          Revoke…
        </MenuLink>
      )}
    </Menu>
  )
}
