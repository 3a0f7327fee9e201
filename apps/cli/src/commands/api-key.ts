import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { PERMISSIONS } from '@daytona-auth/sdk'
import { createContext } from '../command-context.ts'
import { expiresAt, expiresIn } from '../expiry-options.ts'
import { tagParser } from '../name-kinds.ts'
import { withPrompt } from '../option-prompts.ts'
import {
  durationOption,
  instantOption,
  integerOption,
  keyNameOption,
  listOption,
  permissionsOption,
  userIdOrEmailOption,
} from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'
import { SORTS, STATUSES } from './api-key/search.ts'

/** Adds the `api-key` commands. */
export function apiKeyCommands(program: Command, terminal: Terminal): void {
  const group = program.command('api-key').alias('key').description('Manage API keys.')

  group
    .command('create')
    .alias('mint')
    .description('Create an API key. Its value is printed once. At a terminal, you are asked for what is missing.')
    .argument('<name>', 'name, unique among your active keys', keyNameOption)
    .requiredOption('--permissions <list>', 'permissions, such as write:sandboxes,read:snapshots', permissionsOption)
    .addOption(expiresAt())
    .addOption(withPrompt(expiresIn(), EXPIRY_PROMPT))
    .addOption(description())
    .option('--organizations <list>', 'ids or names of all organizations that the key can access', listOption)
    .action(async (name, options, command) => {
      const { createKey } = await import('./api-key/create.ts')
      await createKey(createContext(terminal, command), name, options)
    })

  group
    .command('list')
    .alias('ls')
    .description('List your API keys; with admin:organization, every member’s.')
    .option('--search <words>', 'words that a key must match: name, owner, permission or last 4 characters')
    .addOption(new Option('--status <status>', 'expiring: within 7 days; unused: for 90 days').choices(STATUSES))
    .addOption(new Option('--all', 'include expired and revoked keys').conflicts('status'))
    .option('--permission <name>', 'keys that have this permission', permissionOption)
    .option('--user <id-or-email>', 'keys of this owner; for administrators', userOption)
    .addOption(new Option('--sort <order>', 'a leading - reverses it; newest first without it').choices(SORTS))
    .option('--limit <number>', 'maximum number of keys (default: all)', integerOption(1, 100_000))
    .addOption(webOption())
    .action(async (options, command) => {
      const { listKeys } = await import('./api-key/read.ts')
      await listKeys(createContext(terminal, command), options)
    })

  group
    .command('get')
    .description('Show one of your API keys.')
    .argument('<name>', 'name of the key', existingKeyOption)
    .addOption(webOption())
    .action(async (name, options, command) => {
      const { getKey } = await import('./api-key/read.ts')
      await getKey(createContext(terminal, command), name, options)
    })

  group
    .command('current')
    .description('Show the API key that authenticates this command.')
    .action(async (_options, command) => {
      const { currentKey } = await import('./api-key/read.ts')
      await currentKey(createContext(terminal, command))
    })

  group
    .command('update')
    .description('Change an API key, effective at once. What you do not name stays.')
    .argument('<name>', 'name of the key', existingKeyOption)
    .option('--name <name>', 'new name', keyNameOption)
    .option('--permissions <list>', 'permissions, which replace those of the key', permissionsOption)
    .addOption(description())
    .addOption(expiresAt())
    .addOption(expiresIn())
    .addOption(noExpiry())
    .action(async (name, options, command) => {
      const { updateKey } = await import('./api-key/update.ts')
      await updateKey(createContext(terminal, command), name, options)
    })

  group
    .command('rotate')
    .description('Replace the value of an API key. The new value is printed once.')
    .argument('<name>', 'name of the key', existingKeyOption)
    .addOption(
      new Option(
        '--grace <duration>',
        'how long the old value stays valid, up to 7d (default: 0s; at a terminal, asked)',
      ).argParser(durationOption),
    )
    .addOption(expiresAt())
    .addOption(expiresIn())
    .addOption(noExpiry())
    .addOption(yes())
    .action(async (name, options, command) => {
      const { rotateKey } = await import('./api-key/rotate.ts')
      await rotateKey(createContext(terminal, command), name, options)
    })

  group
    .command('end-previous-secrets')
    .description('End the values that a rotation left valid, at once. The current one stays.')
    .argument('<name>', 'name of the key', existingKeyOption)
    .addOption(yes())
    .action(async (name, options, command) => {
      const { endPreviousSecrets } = await import('./api-key/end-previous-secrets.ts')
      await endPreviousSecrets(createContext(terminal, command), name, options)
    })

  group
    .command('delete')
    .alias('rm')
    .description('Delete API keys. Requests with them are refused at once.')
    .argument('<names...>', 'names of keys, or ids', existingKeysOption)
    .addOption(ownerOption())
    .addOption(yes())
    .action(async (names, options, command) => {
      const { deleteKeys } = await import('./api-key/delete.ts')
      await deleteKeys(createContext(terminal, command), names, options)
    })

  group
    .command('usage')
    .description('Show requests by hour or day for one API key, or totals for every key of the organization.')
    .argument('[name]', 'name of the key', existingKeyOption)
    .option('--from <instant>', 'start, such as 2027-01-31', instantOption)
    .option('--to <instant>', 'end, exclusive', instantOption)
    .addOption(new Option('--granularity <unit>', 'size of a bucket, for one key').choices(['hour', 'day'] as const))
    .addOption(ownerOption())
    .action(async (name, options, command) => {
      const { showUsage } = await import('./api-key/usage.ts')
      await showUsage(createContext(terminal, command), name, options)
    })

  group
    .command('check')
    .description('Check the format of an API key, offline.')
    .argument('[key]', 'the key; standard input is safer, because other users cannot see it')
    .action(async (key, _options, command) => {
      const { checkKey } = await import('./api-key/check.ts')
      await checkKey(createContext(terminal, command), key)
    })
}

const EXPIRY_PROMPT = {
  message: 'When does it expire?',
  choices: [
    ['7d', 'in 7 days'],
    ['30d', 'in 30 days'],
    ['90d', 'in 90 days'],
    ['365d', 'in a year'],
    ['', 'never (not recommended)'],
  ],
  initial: '30d',
  custom: 'another time',
  unless: ['expiresAt'],
} as const

const existingKeyOption = tagParser(keyNameOption, { kind: 'api-key' })

/** Reads one of several names. */
const existingKeysOption = tagParser(
  (name: string, former: readonly string[] = []): string[] => [...former, keyNameOption(name)],
  { kind: 'api-key' },
)

const permissionOption = tagParser(
  (text: string) => {
    const [permission, ...others] = permissionsOption(text)
    if (permission !== undefined && others.length === 0) return permission
    throw new InvalidArgumentError('Name one permission.')
  },
  { names: PERMISSIONS },
)

const userOption = tagParser(userIdOrEmailOption, { kind: 'member' })

const ownerOption = () =>
  new Option('--user <id-or-email>', 'owner, if it is not you; for administrators').argParser(userOption)

const description = () => new Option('--description <text>', 'what the key is for')

const noExpiry = () => new Option('--no-expiry', 'remove the expiry').conflicts(['expiresAt', 'expiresIn'])

const yes = () => new Option('-y, --yes', 'do not ask for confirmation')
