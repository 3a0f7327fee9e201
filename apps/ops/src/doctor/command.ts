import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function doctorCommand(program: Command, host: Host): void {
  program
    .command('doctor')
    .description(
      'look at a deployment as its servers would: configuration, database, channel, Redis, issuer, keys; 0 if all is well, 1 if something is to be done',
    )
    .action(async (_options, command) => {
      const { examineDeployment } = await import('./doctor.ts')
      await examineDeployment(host, outputOf(host, command))
    })
}
