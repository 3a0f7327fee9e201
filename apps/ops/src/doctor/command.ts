import { type Command, Option } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

const CHECKED = ['api', 'oidc'] as const
type Checked = (typeof CHECKED)[number]

export function doctorCommand(program: Command, host: Host): void {
  program
    .command('doctor')
    .description(
      'Check a deployment as its servers would: configuration, database, channel, Redis, issuer, keys; exits with 1 if you have to do something',
    )
    .addOption(
      new Option('-s, --server <name...>', 'Check the configuration of this server only, in its container').choices(
        CHECKED,
      ),
    )
    .action(async ({ server = CHECKED }, command) => {
      const { examineDeployment } = await import('./doctor.ts')
      await examineDeployment(host, outputOf(host, command), server as Checked[]) // one of the choices
    })
}
