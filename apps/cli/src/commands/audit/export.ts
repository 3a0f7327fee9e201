import { open, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { Failure } from '../../failure.ts'
import { OutputError } from '../../output.ts'
import { type FilterOptions, toAuditQuery } from './filter.ts'

export interface ExportOptions extends FilterOptions {
  readonly output?: string | undefined
}

/** Streams the trail without buffering it. An incomplete response is a failure. */
export async function exportEvents(
  context: CommandContext,
  { output: path, ...options }: ExportOptions,
): Promise<void> {
  const take =
    path === undefined ? (lines: Readable) => toOutput(context, lines) : (lines: Readable) => toFile(path, lines)
  await withApi(context, async ({ client, organizationId }) => {
    const response = await client.audit.export(await organizationId(), toAuditQuery(options))
    if (response.body === null) throw new Failure('The server’s response has no body.')
    // The global type is the browser's; Node's stream is the same.
    await take(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]))
  })
  if (path !== undefined) context.output.note(`Wrote the trail to ${path}, which only you can read.`)
}

async function toOutput({ terminal: { stdout } }: CommandContext, lines: Readable) {
  try {
    await pipeline(lines, stdout, { end: false })
  } catch (error) {
    throw stdout.errored === null ? error : new OutputError(stdout.errored)
  }
}

/** Writes to a new file of mode 0600, because a trail contains e-mail and IP addresses. */
async function toFile(path: string, lines: Readable) {
  const file = await open(path, 'wx', 0o600).catch((cause) => {
    lines.destroy()
    const why = cause.code === 'EEXIST' ? 'the file exists' : cause.message
    throw new Failure(`Cannot write ${path}: ${why}.`, { cause })
  })
  try {
    await pipeline(lines, file.createWriteStream({ flush: true }))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}
