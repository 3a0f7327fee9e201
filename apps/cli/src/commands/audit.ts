import { type Command, Option } from '@commander-js/extra-typings'
import { createContext } from '../command-context.ts'
import { existingOption } from '../name-kinds.ts'
import { instantOption, integerOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { webOption } from '../web-option.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 10_000

/** Adds the `audit` commands, which need `admin:organization`. */
export function auditCommands(program: Command, terminal: Terminal): void {
  const group = program.command('audit').description('Inspect the audit trail of the organization.')

  withFilters(group.command('list').alias('ls').description('List events, newest first.'))
    .addOption(
      new Option('--limit <number>', 'maximum number of events')
        .argParser(integerOption(1, MAX_LIMIT))
        .default(DEFAULT_LIMIT),
    )
    .addOption(webOption())
    .action(async (options, command) => {
      const { listEvents } = await import('./audit/list.ts')
      await listEvents(createContext(terminal, command), options)
    })

  group
    .command('tail')
    .description(
      'Print events as they happen, until you press Ctrl-C. Without admin:organization, those of your own API keys.',
    )
    .option('--since <event-id>', 'begin after this event')
    .action(async (options, command) => {
      const { tailEvents } = await import('./audit/tail.ts')
      await tailEvents(createContext(terminal, command), options)
    })

  withFilters(group.command('export').description('Write all events as NDJSON, newest first.'))
    .option('-o, --output <file>', 'write to a new file that only you can read')
    .action(async (options, command) => {
      const { exportEvents } = await import('./audit/export.ts')
      await exportEvents(createContext(terminal, command), options)
    })

  group
    .command('verify')
    .description('Verify the hash chain of the trail. The exit code is 1 if an event was changed or removed.')
    .action(async (_options, command) => {
      const { verifyTrail } = await import('./audit/verify.ts')
      await verifyTrail(createContext(terminal, command))
    })
}

const withFilters = (command: Command) =>
  command
    .option('--from <instant>', 'start, such as 2027-01-31', instantOption)
    .option('--to <instant>', 'end, exclusive', instantOption)
    .option('--action <name>', 'such as api_key.create')
    .option('--actor <id-or-email>', 'user who acted', existingOption('member'))
    .option('--target <id>', 'id of the target')
    .addOption(
      new Option('--status <code>', 'HTTP status of the response, such as 403').argParser(integerOption(100, 599)),
    )
