import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

const ORGANIZATION = 'one organization only; org_deployment is what concerns none'

export function auditCommand(program: Command, host: Host): void {
  const audit = program.command('audit').description('the audit trails of all organizations, deleted ones included')

  audit
    .command('verify')
    .argument('[organization-id]', ORGANIZATION)
    .description('recompute the chains; 1 where an event was edited, removed or put elsewhere')
    .action(async (organizationId, _options, command) => {
      const { verifyTrails } = await import('./verify.ts')
      await verifyTrails(host, outputOf(host, command), organizationId)
    })

  audit
    .command('export')
    .argument('[organization-id]', ORGANIZATION)
    .description('print every event with its place in the chain, oldest first: one JSON object a line')
    .action(async (organizationId, _options, command) => {
      const { exportTrails } = await import('./export.ts')
      await exportTrails(host.env, outputOf(host, command), organizationId)
    })
}
