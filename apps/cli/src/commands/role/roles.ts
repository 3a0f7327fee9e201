import type { OrganizationRole, Permission } from '@daytona-auth/sdk'
import { type Api, withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { UsageError } from '../../failure.ts'
import { type Confirmation, requireConfirmation, requireConfirmationPossible } from '../../prompts.ts'
import { findRole, ROLE_VIEW } from '../organization/members.ts'

export interface RoleOptions {
  readonly name?: string | undefined
  readonly permissions?: Permission[] | undefined
  readonly description?: string | undefined
}

export async function createRole(
  context: CommandContext,
  name: string,
  { permissions, description = '' }: RoleOptions & { readonly permissions: Permission[] },
): Promise<void> {
  const role = await withApi(context, async ({ client, organizationId }) =>
    client.organizations.roles.create(await organizationId(), { name, permissions, description }),
  )
  await context.output.item(role, ROLE_VIEW)
}

/** Changes a role; what no option names stays. */
export async function updateRole(context: CommandContext, idOrName: string, options: RoleOptions): Promise<void> {
  if (Object.values(options).every((value) => value === undefined)) {
    throw new UsageError('Specify --name, --permissions or --description.')
  }
  const updated = await withApi(context, async (api) => {
    const { organization, role } = await readRole(api, idOrName)
    return api.client.organizations.roles.update(organization, role.id, {
      name: options.name ?? role.name,
      permissions: options.permissions ?? role.permissions,
      description: options.description ?? role.description,
    })
  })
  await context.output.item(updated, ROLE_VIEW)
}

export async function deleteRole(context: CommandContext, idOrName: string, options: Confirmation): Promise<void> {
  requireConfirmationPossible(context.terminal, options)
  const { organization, role } = await withApi(context, (api) => readRole(api, idOrName))
  await requireConfirmation(
    context.terminal,
    `Delete the role "${role.name}"? Its members lose its permissions.`,
    options,
  )
  await withApi(context, ({ client }) => client.organizations.roles.delete(organization, role.id))
  context.output.note(`The role "${role.name}" is deleted.`)
}

async function readRole({ client, organizationId }: Api, idOrName: string) {
  const organization = await organizationId()
  const roles = await client.organizations.roles.list(organization)
  const id = findRole(roles, idOrName)
  return { organization, role: roles.find((one) => one.id === id) as OrganizationRole } // findRole found it
}
