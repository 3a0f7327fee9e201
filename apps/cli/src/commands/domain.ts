import type { Command } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { existingOption } from '../name-kinds.ts'
import type { Terminal } from '../terminal.ts'

/** Adds the `domain` commands. Changes need an owner who signed in a short time ago. */
export function domainCommands(program: Command, terminal: Terminal): void {
  const group = program.command('domain').description('Manage the e-mail domains of the organization.')

  group
    .command('add')
    .description('Claim an e-mail domain, and print the DNS record that verifies it.')
    .argument('<domain>', 'what follows the @ of your addresses, such as example.com')
    .action(async (domain, _options, command) => {
      const { addDomain } = await import('./single-sign-on/domains.ts')
      await addDomain(createContext(terminal, command), domain)
    })

  group
    .command('list')
    .alias('ls')
    .description('List domains with their DNS records.')
    .action(async (_options, command) => {
      const { listDomains } = await import('./single-sign-on/domains.ts')
      await listDomains(createContext(terminal, command))
    })

  group
    .command('verify')
    .description('Look up the DNS record of a domain, which then belongs to the organization.')
    .argument('<domain>', 'domain or its id', existingOption('domain'))
    .action(async (domain, _options, command) => {
      const { verifyDomain } = await import('./single-sign-on/domains.ts')
      await verifyDomain(createContext(terminal, command), domain)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete a domain. Its addresses no longer sign in with your identity provider.')
    .argument('<domain>', 'domain or its id', existingOption('domain'))
    .option('-y, --yes', 'do not ask for confirmation')
    .action(async (domain, options, command) => {
      const { deleteDomain } = await import('./single-sign-on/domains.ts')
      await deleteDomain(createContext(terminal, command), domain, options)
    })
}
