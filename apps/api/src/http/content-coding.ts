import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { FastifyReply } from 'fastify'

/** The content codings of pages and files, most compact first, with the ending of the names of files. */
export const CODINGS = { br: '.br', gzip: '.gz', identity: '' } as const
export type Coding = keyof typeof CODINGS

/** The names of the codings. */
export const CODING_NAMES = Object.keys(CODINGS) as Coding[] // the keys of a const object

/** Encodes content in each coding. */
export const COMPRESS: Readonly<Record<Coding, (content: Buffer) => Promise<Buffer>>> = {
  br: promisify<Buffer, Buffer>(brotliCompress),
  gzip: promisify<Buffer, Buffer>(gzip),
  identity: async (content) => content,
}

/** Returns a function that keeps what was read for a key. A failed read is repeated. */
export function readOnce(): (key: string, read: () => Promise<Buffer>) => Promise<Buffer> {
  const contents = new Map<string, Promise<Buffer>>()
  return (key, read) => {
    const known = contents.get(key)
    if (known) return known
    const reading = read()
    contents.set(key, reading)
    reading.catch(() => contents.delete(key))
    return reading
  }
}

/** Sends content in a coding. `vary` names a header of the request, beside `Accept-Encoding`, that the content depends on. */
export function sendCoded(reply: FastifyReply, coding: Coding, content: Buffer, vary?: string): FastifyReply {
  reply.header('vary', vary === undefined ? 'accept-encoding' : `accept-encoding, ${vary}`)
  if (coding !== 'identity') reply.header('content-encoding', coding)
  return reply.send(content)
}
