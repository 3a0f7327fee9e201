import { open, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { Failure } from '../../failure.ts'
import { OutputError } from '../../output.ts'
import { type FilterOptions, filterOf } from './filter.ts'

export interface ExportOptions extends FilterOptions {
  readonly output?: string | undefined
}

/** As it comes, so that a trail of any length passes through. What arrives in part only is no success. */
export async function exportEvents(call: Call, { output: path, ...options }: ExportOptions): Promise<void> {
  const take =
    path === undefined ? (lines: Readable) => toOutput(call, lines) : (lines: Readable) => toFile(path, lines)
  await ask(call, async ({ client, organizationId }) => {
    const response = await client.audit.export(await organizationId(), filterOf(options))
    if (response.body === null) throw new Failure('The server answered without a trail.')
    // The global type of a stream is the browser's; Node's is the same thing.
    await take(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]))
  })
  if (path !== undefined) call.output.note(`The trail is in ${path}, for you alone to read.`)
}

async function toOutput({ terminal: { stdout } }: Call, lines: Readable) {
  try {
    await pipeline(lines, stdout, { end: false })
  } catch (error) {
    throw stdout.errored === null ? error : new OutputError(stdout.errored)
  }
}

/** A trail has addresses in it, of people and of machines. */
async function toFile(path: string, lines: Readable) {
  const file = await open(path, 'wx', 0o600).catch((cause) => {
    lines.destroy()
    const why = cause.code === 'EEXIST' ? 'there is one already' : cause.message
    throw new Failure(`Cannot write ${path}: ${why}.`, { cause })
  })
  try {
    await pipeline(lines, file.createWriteStream({ flush: true }))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}
