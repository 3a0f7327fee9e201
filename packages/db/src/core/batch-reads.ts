/** The most keys of one statement. */
const BATCH = 100

interface Batch<Row> {
  readonly digests: Uint8Array[]
  readonly found: Promise<ReadonlyMap<string, Row>>
}

/**
 * Turns a read of many rows into one of a single row. Rows that are asked for during the same turn of the event loop share a
 * statement: under load, a round trip for each costs more than the rest of the read. The wait is at most that turn.
 *
 * @param read returns the rows of the digests; those without a row are left out
 */
export function batchReads<Row extends { readonly digest: Uint8Array }>(
  read: (digests: readonly Uint8Array[]) => Promise<readonly Row[]>,
): (digest: Uint8Array) => Promise<Row | undefined> {
  let gathering: Batch<Row> | undefined

  function begin(): Batch<Row> {
    const { promise, resolve } = Promise.withResolvers<ReadonlyMap<string, Row>>()
    const batch: Batch<Row> = { digests: [], found: promise }
    setImmediate(() => {
      if (gathering === batch) gathering = undefined
      resolve(readAll(batch.digests))
    })
    return batch
  }

  async function readAll(digests: readonly Uint8Array[]): Promise<ReadonlyMap<string, Row>> {
    const rows = await read(digests)
    return new Map(rows.map((row) => [textOf(row.digest), row]))
  }

  return async (digest) => {
    if (gathering === undefined || gathering.digests.length >= BATCH) gathering = begin()
    const { digests, found } = gathering
    digests.push(digest)
    return (await found).get(textOf(digest))
  }
}

const textOf = (digest: Uint8Array): string => Buffer.from(digest).toString('latin1')
