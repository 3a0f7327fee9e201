import { type Command, Option } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

const JUDGED = ['api', 'oidc'] as const
type Judged = (typeof JUDGED)[number]

export function doctorCommand(program: Command, host: Host): void {
  program
    .command('doctor')
    .description(
      'look at a deployment as its servers would: configuration, database, channel, Redis, issuer, keys; 0 if all is well, 1 if something is to be done',
    )
    .addOption(
      new Option('-s, --server <name...>', 'judge the configuration of this server only, in its container').choices(
        JUDGED,
      ),
    )
    .action(async ({ server = JUDGED }, command) => {
      const { examineDeployment } = await import('./doctor.ts')
      await examineDeployment(host, outputOf(host, command), server as Judged[]) // one of the choices
    })
}
