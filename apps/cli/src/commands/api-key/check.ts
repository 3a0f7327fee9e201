import { faultOfKey, maskKey } from '@daytona-auth/sdk'
import type { Call } from '../../cli.ts'
import { Failure } from '../../failure.ts'
import { secret } from '../../question.ts'

/** The exit code is the answer; of the key only what may be shown is repeated. */
export async function checkKey({ terminal, output }: Call, given: string | undefined): Promise<void> {
  const key = given ?? (await secret(terminal, 'API key:'))
  if (given !== undefined) {
    output.note('A key on the command line is seen by other users, and kept in the history of your shell.')
  }
  const fault = faultOfKey(key)
  if (fault !== undefined) throw new Failure(`This is no API key: ${fault}.`)
  const result = { valid: true, value: maskKey(key) }
  await output.one(result, {
    columns: [
      ['Value', ({ value }) => value],
      ['Form', () => 'good; whether a server knows it is for the server to say: daytona api-key current'],
    ],
    value: ({ value }) => value,
  })
}
