import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Api, withApi } from './api.ts'
import { type PreparedFile, prepareFile } from './atomic-file.ts'
import type { CommandContext } from './command-context.ts'
import { configDirectory } from './config-file.ts'
import { Failure } from './failure.ts'
import { OutputError } from './output.ts'
import { runUninterrupted } from './run-uninterrupted.ts'
import type { Terminal } from './terminal.ts'
import type { View } from './view.ts'

export interface Issue<T> {
  /** Sends the request that issues the secret. */
  readonly request: (api: Api) => Promise<T>
  /** Returns the secret of the response, if it has one. */
  readonly secretOf: (issued: T) => string | undefined
  readonly view: View<T>
}

/**
 * Issues a secret and prints it. The secret exists only once, and standard output may be a full disk or a closed pipe.
 * Until it is printed, a copy is kept in a file of the configuration directory (0600), whose disk space is reserved
 * before the request.
 * @throws Failure that names the file if the secret could not be printed
 */
export async function printIssuedSecret<T>(context: CommandContext, { request, secretOf, view }: Issue<T>): Promise<T> {
  const copy = await prepareCopy(context.terminal)
  let secret: string | undefined
  let isCopied = false
  try {
    const issued = await withApi(context, (api) =>
      runUninterrupted(async () => {
        const answer = await request(api)
        secret = secretOf(answer)
        if (secret !== undefined) isCopied = await copy.write(`${secret}\n`)
        return answer
      }),
    )
    await context.output.item(issued, view)
    if (isCopied) await copy.remove()
    return issued
  } catch (error) {
    if (secret === undefined) throw error
    throw unprintedFailure(error, isCopied ? copy.path : undefined)
  } finally {
    await copy.discard()
  }
}

interface Copy {
  readonly path: string
  /** Returns whether the copy is on disk. */
  write(text: string): Promise<boolean>
  remove(): Promise<void>
  discard(): Promise<void>
}

/** Reserves the copy. Where nothing can be written, as in a read-only container, the command continues without it. */
async function prepareCopy(terminal: Terminal): Promise<Copy> {
  const directory = join(configDirectory(terminal), 'unprinted')
  const path = join(directory, `secret-${terminal.now()}-${process.pid}`)
  let file: PreparedFile | undefined
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    file = await prepareFile(path, { currentBytes: 0 })
  } catch {
    file = undefined
  }
  return {
    path,
    async write(text) {
      if (file === undefined) return false
      try {
        await file.write(text)
        return true
      } catch {
        return false
      }
    },
    remove: () => rm(path, { force: true }),
    discard: async () => file?.discard(),
  }
}

function unprintedFailure(cause: unknown, path: string | undefined): Failure {
  const reason = cause instanceof OutputError ? cause.code : cause instanceof Error ? cause.message : String(cause)
  return path === undefined
    ? new Failure(`The secret was issued and could not be printed (${reason}), and no copy of it could be kept.`, {
        hint: 'It is lost: rotate it again, or delete it.',
        cause,
      })
    : new Failure(`The secret was issued and could not be printed (${reason}). It is in ${path}`, {
        hint: 'Read it, then delete the file.',
        cause,
      })
}
