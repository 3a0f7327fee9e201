import type { Permission } from '@daytona-auth/sdk'
import { Chip } from '../ui/chip.tsx'
import { compressPermissions } from './permissions.ts'

/** Permissions as chips, one a resource. The title has the full names. */
export const PermissionChips = ({ permissions }: { readonly permissions: readonly Permission[] }) => (
  <ul className="chips">
    {compressPermissions(permissions).map(({ label, permissions: names, isAdministration }) => (
      <li key={label} title={names.join(', ')}>
        <Chip tone={isAdministration ? 'warn' : 'neutral'}>{label}</Chip>
      </li>
    ))}
  </ul>
)
