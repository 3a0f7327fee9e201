import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** What a test DNS server answers for a name: the values of its TXT records, or nothing but an error. */
export type TxtAnswer = readonly string[] | 'SERVFAIL'

/** A DNS server (RFC 1035) on loopback that answers questions for TXT records. Other names do not exist. */
export interface DnsServer {
  /** For `DNS_SERVERS`. */
  readonly address: string
  /** What it answers, by name in lower case. */
  readonly records: Map<string, TxtAnswer>
  /** The names that were asked for. */
  readonly questions: string[]
}

const RCODE = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const

export async function dnsServer({ after }: { after(hook: () => void): void }): Promise<DnsServer> {
  const records = new Map<string, TxtAnswer>()
  const questions: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, peer) => {
    const { name, end } = readName(query)
    questions.push(name)
    socket.send(responseTo(query, end, records.get(name)), peer.port, peer.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  after(() => socket.close())
  return { address: `127.0.0.1:${socket.address().port}`, records, questions }
}

/** Reads the name of the only question, which follows the header of twelve bytes. */
function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 } // the root, the type and the class
}

function responseTo(query: Buffer, endOfQuestion: number, answer: TxtAnswer | undefined): Buffer {
  const values = Array.isArray(answer) ? (answer as readonly string[]) : []
  const rcode = answer === undefined ? RCODE.NXDOMAIN : answer === 'SERVFAIL' ? RCODE.SERVFAIL : RCODE.NOERROR
  const header = Buffer.alloc(12)
  header.writeUInt16BE(query.readUInt16BE(0), 0)
  header.writeUInt16BE(0x8180 | rcode, 2) // a response of a recursive server
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(values.length, 6)
  const answers = values.map((value) => {
    // A string has at most 255 bytes; a value may have several.
    const strings = [value.slice(0, 20), value.slice(20)].filter((part) => part !== '')
    const data = Buffer.concat(strings.map((part) => Buffer.from([part.length, ...Buffer.from(part)])))
    const fixed = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0, data.length]) // the name again, TXT, IN, no TTL
    return Buffer.concat([fixed, data])
  })
  return Buffer.concat([header, query.subarray(12, endOfQuestion), ...answers])
}
