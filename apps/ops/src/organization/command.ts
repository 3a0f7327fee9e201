import { Argument, type Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { QUOTA_RESOURCES, type QuotaResource } from '@daytona-auth/protocol/quotas'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

const ORGANIZATION = 'The id of the organization'
const MAX_QUOTA = 1_000_000_000
const MAX_REASON = 500

export function organizationCommand(program: Command, host: Host): void {
  const organization = program.command('organization').description('Manage organizations')
  const quota = organization.command('quota').description('Limit what an organization may have')

  quota
    .command('list')
    .argument('<organization>', ORGANIZATION)
    .description('List the quotas of an organization and how much of each is used')
    .action(async (id, _options, command) => {
      const { listOrganizationQuotas } = await import('./quota.ts')
      await listOrganizationQuotas(host.env, outputOf(host, command), id)
    })

  quota
    .command('set')
    .argument('<organization>', ORGANIZATION)
    .addArgument(resourceArgument())
    .argument('<maximum>', `How many the organization may have, 0 to ${MAX_QUOTA}`, readMaximum)
    .option('--reason <text>', 'Recorded in the audit trail', readReason)
    .description('Set a quota. Creations beyond it are refused; what exists beyond it stays')
    .action(async (id, resource, maximum, { reason }, command) => {
      const { setOrganizationQuota } = await import('./quota.ts')
      await setOrganizationQuota(host.env, outputOf(host, command), id, { resource, maximum, reason })
    })

  quota
    .command('remove')
    .argument('<organization>', ORGANIZATION)
    .addArgument(resourceArgument())
    .option('--reason <text>', 'Recorded in the audit trail', readReason)
    .description('Remove a quota')
    .action(async (id, resource, { reason }, command) => {
      const { removeOrganizationQuota } = await import('./quota.ts')
      await removeOrganizationQuota(host.env, outputOf(host, command), id, { resource, reason })
    })
}

const resourceArgument = () =>
  // Object.keys returns strings; these are the keys of a const object.
  new Argument('<resource>', 'What is counted').choices(Object.keys(QUOTA_RESOURCES) as QuotaResource[])

function readMaximum(text: string): number {
  const maximum = Number(text)
  if (/^\d{1,10}$/.test(text) && maximum <= MAX_QUOTA) return maximum
  throw new InvalidArgumentError(`must be a whole number from 0 to ${MAX_QUOTA}`)
}

function readReason(text: string): string {
  if (text.length >= 1 && text.length <= MAX_REASON) return text
  throw new InvalidArgumentError(`must be 1 to ${MAX_REASON} characters`)
}
