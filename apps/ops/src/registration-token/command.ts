import { type Command, InvalidArgumentError } from '@commander-js/extra-typings'
import type { Host } from '../host.ts'
import { outputOf } from '../output.ts'

export function registrationTokenCommand(program: Command, host: Host): void {
  const token = program
    .command('registration-token')
    .description('Manage the initial access tokens with which apps may register themselves (CLIENT_REGISTRATION=token)')

  token
    .command('create')
    .description('Create a token, shown only once')
    .requiredOption('--name <name>', 'What the token is for')
    .option('--uses <number>', 'How many apps may register with it', readWhole(MAX_USES), 1)
    .option('--days <number>', 'How many days it is valid', readWhole(MAX_DAYS), 7)
    .action(async (options, command) => {
      const { createRegistrationToken } = await import('./create.ts')
      await createRegistrationToken(host.env, outputOf(host, command), options)
    })

  token
    .command('list')
    .description('List the tokens, and how many apps registered with each')
    .action(async (_options, command) => {
      const { listRegistrationTokens } = await import('./list.ts')
      await listRegistrationTokens(host.env, outputOf(host, command))
    })

  token
    .command('revoke')
    .argument('<token-id>')
    .description('Revoke a token; apps that registered with it remain until `client delete`')
    .action(async (tokenId, _options, command) => {
      const { revokeRegistrationToken } = await import('./revoke.ts')
      await revokeRegistrationToken(host.env, outputOf(host, command), tokenId)
    })
}

const MAX_USES = 10_000
const MAX_DAYS = 400

const readWhole =
  (max: number) =>
  (text: string): number => {
    if (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= max) return Number(text)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`)
  }
