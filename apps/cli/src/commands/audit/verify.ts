import { withApi } from '../../api.ts'
import type { CommandContext } from '../../command-context.ts'
import { Failure } from '../../failure.ts'

/** Verifies the trail. A broken chain is a failure. */
export async function verifyTrail(context: CommandContext): Promise<void> {
  const result = await withApi(context, async ({ client, organizationId }) =>
    client.audit.verify(await organizationId()),
  )
  await context.output.item(result, {
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
