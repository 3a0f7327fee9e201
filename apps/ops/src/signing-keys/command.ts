import type { Command } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function signingKeysCommand(program: Command, host: Host): void {
  const signingKeys = program
    .command('signing-keys')
    .description('Manage the keys that sign tokens; running providers apply changes without a restart')

  signingKeys
    .command('list')
    .description('List every key with its state and its next step')
    .action(async (_options, command) => {
      const { listKeys } = await import('./list.ts')
      await listKeys(host.env, outputOf(host, command))
    })

  signingKeys
    .command('rotate')
    .description('Publish the next keys, which providers sign with ten minutes later; safe to repeat')
    .option('--at-once', 'For leaked keys: sign with new keys now, and refuse all tokens signed with the old ones')
    .action(async ({ atOnce = false }, command) => {
      const { rotateKeys } = await import('./rotate.ts')
      await rotateKeys(host.env, outputOf(host, command), { isAtOnce: atOnce })
    })

  signingKeys
    .command('reencrypt')
    .description(
      'Encrypt all private keys again under the first secret of SIGNING_KEYS_SECRET=new,old, in one transaction',
    )
    .action(async (_options, command) => {
      const { reencryptKeys } = await import('./reencrypt.ts')
      await reencryptKeys(host.env, outputOf(host, command))
    })
}
