import { readFile } from 'node:fs/promises'
import { isKey } from '@daytona-auth/api'
import type { OrganizationId, UserId } from '@daytona-auth/db/core'
import { StartupError } from '@daytona-auth/service'
import * as z from 'zod'
import { isMissing, writeDurably } from './durable-file.ts'

const Credentials = z.object({
  issuer: z.string(),
  apiUrl: z.string(),
  user: z.object({
    email: z.string(),
    password: z.string().min(12),
    // These types require the prefix; nothing else writes this file.
    id: z.custom<UserId>((value) => typeof value === 'string' && value.startsWith('usr_')),
  }),
  organizationId: z.custom<OrganizationId>((value) => typeof value === 'string' && value.startsWith('org_')),
  apiKey: z.string().refine(isKey),
})

/** The first account and its key, as `credentials.json` has them. */
export type Credentials = z.output<typeof Credentials>

/** Reads an earlier start's credentials; undefined if there is no file. @throws StartupError for an invalid file */
export async function readCredentials(file: string): Promise<Credentials | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  const parsed = Credentials.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new StartupError(`${file} was changed or damaged: restore it, or move it away`)
}

export const writeCredentials = (file: string, credentials: Credentials): Promise<void> =>
  writeDurably(file, `${JSON.stringify(credentials, null, 2)}\n`)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
