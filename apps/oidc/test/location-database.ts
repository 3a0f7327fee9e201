import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scope } from '@daytona-auth/testing'

/**
 * Writes a database in the MaxMind DB format (https://maxmind.github.io/MaxMind-DB/) with a record for each IPv4 address, and
 * returns its path. Only what the records of places need: maps, strings and numbers.
 */
export async function locationDatabase(scope: Scope, records: Readonly<Record<string, object>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'daytona-auth-places-'))
  scope.after(() => rm(directory, { recursive: true, force: true }))
  const path = join(directory, 'places.mmdb')
  await writeFile(path, databaseOf(records))
  return path
}

const RECORD_BYTES = 3
const SEPARATOR = Buffer.alloc(16)
const EMPTY = -1

function databaseOf(records: Readonly<Record<string, object>>): Buffer {
  /** For each node, the next ones for 0 and 1: a node, `EMPTY`, or the offset of a record of data as -2 - offset. */
  const nodes: [number, number][] = [[EMPTY, EMPTY]]
  const data: Buffer[] = []
  for (const [address, record] of Object.entries(records)) {
    const bits = address.split('.').flatMap((byte) => [...Number(byte).toString(2).padStart(8, '0')].map(Number))
    const last = bits.pop() ?? 0
    let at = 0
    for (const bit of bits) {
      const node = nodes[at] ?? [EMPTY, EMPTY]
      const side = bit === 0 ? 0 : 1
      if (node[side] === EMPTY) node[side] = nodes.push([EMPTY, EMPTY]) - 1
      at = node[side]
    }
    const leaf = nodes[at] ?? [EMPTY, EMPTY]
    leaf[last === 0 ? 0 : 1] = -2 - Buffer.concat(data).length
    data.push(encode(record))
  }
  const recordOf = (next: number) =>
    next >= 0 ? next : next === EMPTY ? nodes.length : nodes.length + SEPARATOR.length + (-2 - next)
  const tree = Buffer.concat(nodes.flat().map((next) => numberOf(recordOf(next), RECORD_BYTES)))
  const metadata = encode({
    node_count: nodes.length,
    record_size: RECORD_BYTES * 8,
    ip_version: 4,
    database_type: 'Test',
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 0,
  })
  return Buffer.concat([tree, SEPARATOR, ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata])
}

function encode(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') return Buffer.concat([control(6, 4), numberOf(value, 4)])
  const members = Object.entries(value as object)
  return Buffer.concat([control(7, members.length), ...members.flatMap((pair) => pair.map(encode))])
}

const control = (type: number, size: number): Buffer => Buffer.from([(type << 5) | size])

function numberOf(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}
