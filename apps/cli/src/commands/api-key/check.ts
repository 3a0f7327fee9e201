import { findKeyFault, maskKey } from '@daytona-auth/sdk'
import type { CommandContext } from '../../command-context.ts'
import { Failure } from '../../failure.ts'
import { readSecret } from '../../prompts.ts'

/** Checks the format of a key. The exit code is the result; only the masked key is printed. */
export async function checkKey({ terminal, output }: CommandContext, given: string | undefined): Promise<void> {
  const key = given ?? (await readSecret(terminal, 'API key:'))
  if (given !== undefined) {
    output.note('A key on the command line is visible to other users and stays in the history of your shell.')
  }
  const fault = findKeyFault(key)
  if (fault !== undefined) throw new Failure(`This is not an API key: ${fault}.`)
  const result = { valid: true, value: maskKey(key) }
  await output.item(result, {
    columns: [
      ['Value', ({ value }) => value],
      ['Format', () => 'valid. To check that a server accepts it: daytona api-key current'],
    ],
    value: ({ value }) => value,
  })
}
