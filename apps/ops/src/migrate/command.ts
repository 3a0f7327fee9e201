import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function migrateCommand(program: Command, host: Host): void {
  program
    .command('migrate')
    .description('Migrate the database to the newest schema; waits for a concurrent run, and is safe to repeat')
    .action(async (_options, command) => {
      const { migrateDatabase } = await import('./migrate.ts')
      await migrateDatabase(host.env, outputOf(host, command))
    })
}
