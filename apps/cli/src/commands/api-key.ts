import { type Command, Option } from '@commander-js/extra-typings'
import { callOf } from '../cli.ts'
import {
  durationOption,
  endOption,
  idOption,
  instantOption,
  keyNameOption,
  listOption,
  permissionsOption,
} from '../parse.ts'
import type { Terminal } from '../terminal.ts'

/** Keys, from their making to their end. */
export function apiKeyCommands(program: Command, terminal: Terminal): void {
  const group = program.command('api-key').description('API keys.')

  group
    .command('create')
    .description('Create a key. Its value is printed once, and never again.')
    .argument('<name>', 'what to call it; unique among your active keys', keyNameOption)
    .requiredOption('--permissions <list>', 'what it may do, such as write:sandboxes,read:snapshots', permissionsOption)
    .addOption(expiresAt())
    .addOption(expiresIn())
    .option('--organizations <list>', 'ids of all organizations that it may act in', listOption)
    .action(async (name, options, command) => {
      const { createKey } = await import('./api-key/create.ts')
      await createKey(callOf(terminal, command), name, options)
    })

  group
    .command('list')
    .alias('ls')
    .description('List your keys; with admin:organization, everybody’s.')
    .option('--all', 'the expired and the revoked ones, too')
    .action(async (options, command) => {
      const { listKeys } = await import('./api-key/read.ts')
      await listKeys(callOf(terminal, command), options)
    })

  group
    .command('get')
    .description('Show one of your keys.')
    .argument('<name>', 'its name', keyNameOption)
    .action(async (name, _options, command) => {
      const { getKey } = await import('./api-key/read.ts')
      await getKey(callOf(terminal, command), name)
    })

  group
    .command('current')
    .description('Show the key that you are calling with.')
    .action(async (_options, command) => {
      const { currentKey } = await import('./api-key/read.ts')
      await currentKey(callOf(terminal, command))
    })

  group
    .command('rotate')
    .description('Give a key a new value, printed once. The old one can go on for a while.')
    .argument('<name>', 'its name', keyNameOption)
    .addOption(
      new Option('--grace <duration>', 'how long the old value goes on, up to 7d')
        .argParser(durationOption)
        .default(0, 'not at all'),
    )
    .addOption(expiresAt())
    .addOption(expiresIn())
    .addOption(new Option('--no-expiry', 'let it live until it is deleted').conflicts(['expiresAt', 'expiresIn']))
    .action(async (name, options, command) => {
      const { rotateKey } = await import('./api-key/rotate.ts')
      await rotateKey(callOf(terminal, command), name, options)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete a key. It is refused from then on.')
    .argument('<name>', 'its name', keyNameOption)
    .option('--user <id>', 'whose key it is, if not yours; for administrators', userIdOption)
    .addOption(yes())
    .action(async (name, options, command) => {
      const { deleteKey } = await import('./api-key/delete.ts')
      await deleteKey(callOf(terminal, command), name, options)
    })

  group
    .command('usage')
    .description('Show what a key did, by hour or day; without a name, what each key of the organization did.')
    .argument('[name]', 'its name', keyNameOption)
    .option('--from <instant>', 'the beginning, such as 2027-01-31', instantOption)
    .option('--to <instant>', 'the end, which is not included', instantOption)
    .addOption(new Option('--granularity <unit>', 'of one key').choices(['hour', 'day'] as const))
    .option('--user <id>', 'whose key it is, if not yours; for administrators', userIdOption)
    .action(async (name, options, command) => {
      const { showUsage } = await import('./api-key/usage.ts')
      await showUsage(callOf(terminal, command), name, options)
    })

  group
    .command('check')
    .description('Say whether a text has the form of a key, without asking any server.')
    .argument('[key]', 'the text; better on standard input, where nobody else can see it')
    .action(async (key, _options, command) => {
      const { checkKey } = await import('./api-key/check.ts')
      await checkKey(callOf(terminal, command), key)
    })
}

const expiresAt = () =>
  new Option('--expires-at <instant>', 'when it ends: 2027-12-31T23:59:59Z, or 2027-12-31 for the end of that day here')
    .argParser(endOption)
    .conflicts('expiresIn')

const expiresIn = () =>
  new Option('--expires-in <duration>', 'how long it lives, such as 30d').argParser(durationOption)

const userIdOption = idOption('usr_', 'a user')

const yes = () => new Option('-y, --yes', 'do not ask')
