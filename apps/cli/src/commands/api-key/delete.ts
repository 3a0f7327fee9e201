import type { DaytonaAuth } from '@daytona-auth/sdk'
import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { Failure } from '../../failure.ts'
import { type Confirmation, requireConfirmation } from '../../prompts.ts'
import { findUserId } from '../member/find-member.ts'

export interface DeleteOptions extends Confirmation {
  /** Id or e-mail address of the owner. */
  readonly user?: string | undefined
}

/** Deletes one key by its name, or several by their names or ids. */
export async function deleteKeys(
  context: CommandContext,
  names: readonly string[],
  { user, yes }: DeleteOptions,
): Promise<void> {
  const whose = user === undefined ? '' : ` of ${user}`
  const [name = '', ...others] = names
  const isSingle = others.length === 0 && !KEY_ID.test(name)
  const shown = names.map((each) => `"${each}"`).join(', ')
  const question = isSingle
    ? `Delete the key ${shown}${whose}? Programs that use it stop working.`
    : `Delete ${names.length} keys${whose}: ${shown}? Programs that use them stop working.`
  await requireConfirmation(context.terminal, question, { yes })
  await withApi(context, async (api) => {
    const { client } = api
    const userId = user === undefined ? undefined : await findUserId(api, user)
    if (!isSingle) return deleteSeveral(client, names, userId)
    return userId === undefined ? client.apiKeys.delete(name) : client.apiKeys.deleteForUser(userId, name)
  })
  context.output.note(
    isSingle ? `The key ${shown}${whose} is deleted.` : `${names.length} keys${whose} are deleted: ${shown}.`,
  )
}

const KEY_ID = /^key_[0-9a-v]{26}$/

/** The maximum of one request. */
const KEYS_PER_REQUEST = 100

/** @throws Failure before any deletion for an unknown name, afterwards for keys that were not deleted */
async function deleteSeveral(client: DaytonaAuth, names: readonly string[], user: string | undefined): Promise<void> {
  const ids = await findIds(client, names, user)
  const left: string[] = []
  for (let from = 0; from < ids.length; from += KEYS_PER_REQUEST) {
    const results = await client.apiKeys.revokeMany(ids.slice(from, from + KEYS_PER_REQUEST).map(({ id }) => id))
    const revoked = new Set(results.filter(({ status }) => status === 'revoked').map(({ id }) => id))
    left.push(...ids.slice(from, from + KEYS_PER_REQUEST).flatMap(({ id, name }) => (revoked.has(id) ? [] : [name])))
  }
  if (left.length === 0) return
  const done = ids.length - left.length
  throw new Failure(`${done} of ${ids.length} keys are deleted. Not found, or not yours: ${left.join(', ')}.`, {
    hint: 'List them: daytona api-key list',
  })
}

/** Finds the id of each key. A name that looks like an id is one. */
async function findIds(client: DaytonaAuth, names: readonly string[], user: string | undefined) {
  const unique = [...new Set(names)]
  const isNamed = unique.some((name) => !KEY_ID.test(name))
  const userId = isNamed ? (user ?? (await client.users.me()).id) : undefined
  const keys = userId === undefined ? [] : await client.apiKeys.list({ userId })
  const byName = new Map(keys.map(({ id, name }) => [name, id]))
  return unique.map((name) => {
    const id = KEY_ID.test(name) ? name : byName.get(name)
    if (id === undefined) {
      throw new Failure(`There is no key "${name}": nothing was deleted.`, { hint: 'List them: daytona api-key list' })
    }
    return { id, name }
  })
}
