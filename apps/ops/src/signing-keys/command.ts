import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function signingKeysCommand(program: Command, host: Host): void {
  const signingKeys = program
    .command('signing-keys')
    .description('the keys that tokens are signed with; running providers follow without a restart')

  signingKeys
    .command('list')
    .description('every key, what it is for now and what becomes of it when')
    .action(async (_options, command) => {
      const { listKeys } = await import('./list.ts')
      await listKeys(host.env, outputOf(host, command))
    })

  signingKeys
    .command('rotate')
    .description('publish the next keys, which providers sign with ten minutes later; twice is once')
    .option('--at-once', 'for keys that leaked: sign with new ones now, and end all that the old ones have signed')
    .action(async ({ atOnce = false }, command) => {
      const { rotateKeys } = await import('./rotate.ts')
      await rotateKeys(host.env, outputOf(host, command), { isAtOnce: atOnce })
    })

  signingKeys
    .command('reencrypt')
    .description('encrypt the private halves anew under the first of SIGNING_KEYS_SECRET=new,old; all or none of them')
    .action(async (_options, command) => {
      const { reencryptKeys } = await import('./reencrypt.ts')
      await reencryptKeys(host.env, outputOf(host, command))
    })
}
