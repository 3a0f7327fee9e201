import { type Command, Option } from '@commander-js/extra-typings'
import { callOf } from '../cli.ts'
import { instantOption, integerOption } from '../parse.ts'
import type { Terminal } from '../terminal.ts'

const DEFAULT_LIMIT = 50
const MOST = 10_000

/** The trail of the organization, which needs `admin:organization`. */
export function auditCommands(program: Command, terminal: Terminal): void {
  const group = program.command('audit').description('The audit trail of the organization.')

  filtered(group.command('list').alias('ls').description('List what happened, the newest first.'))
    .addOption(
      new Option('--limit <number>', 'how many at most').argParser(integerOption(1, MOST)).default(DEFAULT_LIMIT),
    )
    .action(async (options, command) => {
      const { listEvents } = await import('./audit/list.ts')
      await listEvents(callOf(terminal, command), options)
    })

  filtered(group.command('export').description('Write all that happened as NDJSON, an event a line, the newest first.'))
    .option('-o, --output <file>', 'a new file, readable by you alone, instead of standard output')
    .action(async (options, command) => {
      const { exportEvents } = await import('./audit/export.ts')
      await exportEvents(callOf(terminal, command), options)
    })

  group
    .command('verify')
    .description('Have the chain of the trail recomputed: exit code 1 if an event was changed or removed.')
    .action(async (_options, command) => {
      const { verifyTrail } = await import('./audit/verify.ts')
      await verifyTrail(callOf(terminal, command))
    })
}

const filtered = (command: Command) =>
  command
    .option('--from <instant>', 'the beginning, such as 2027-01-31', instantOption)
    .option('--to <instant>', 'the end', instantOption)
    .option('--action <name>', 'such as api_key.create')
    .option('--actor <id-or-email>', 'the user who did it')
    .option('--target <id>', 'what it was done to')
    .addOption(new Option('--status <code>', 'how it was answered, such as 403').argParser(integerOption(100, 599)))
