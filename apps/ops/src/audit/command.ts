import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

const ORGANIZATION = 'Only this organization; org_deployment has the events that belong to none'

export function auditCommand(program: Command, host: Host): void {
  const audit = program
    .command('audit')
    .description('Verify or export the audit trails of all organizations, deleted ones included')

  audit
    .command('verify')
    .argument('[organization-id]', ORGANIZATION)
    .description('Recompute the hash chains; exits with 1 if an event was edited, removed or moved')
    .action(async (organizationId, _options, command) => {
      const { verifyTrails } = await import('./verify.ts')
      await verifyTrails(host, outputOf(host, command), organizationId)
    })

  audit
    .command('export')
    .argument('[organization-id]', ORGANIZATION)
    .description('Print every event with its place in the chain, oldest first, as one JSON object a line')
    .action(async (organizationId, _options, command) => {
      const { exportTrails } = await import('./export.ts')
      await exportTrails(host.env, outputOf(host, command), organizationId)
    })
}
