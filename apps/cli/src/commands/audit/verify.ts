import { ask } from '../../api.ts'
import type { Call } from '../../cli.ts'
import { Failure } from '../../failure.ts'

/** The exit code is the answer: a trail that does not verify is no success. */
export async function verifyTrail(call: Call): Promise<void> {
  const result = await ask(call, async ({ client, organizationId }) => client.audit.verify(await organizationId()))
  await call.output.one(result, {
    columns: [
      ['Intact', ({ valid }) => valid],
      ['Events', ({ events }) => events],
      ['Broken at', ({ brokenAt }) => brokenAt],
      ['Event', ({ brokenEventId }) => brokenEventId],
      ['Dropped months', ({ dropped }) => dropped.map(({ month }) => month)],
    ],
    value: ({ valid }) => (valid ? 'valid' : 'invalid'),
  })
  if (!result.valid) {
    throw new Failure(`The trail is broken at event number ${result.brokenAt ?? '?'}: it was changed or removed.`, {
      hint: 'Compare it with an earlier export, and with the backups of the database.',
    })
  }
}
