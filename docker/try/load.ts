import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'

/** The results of requests that were sent on a connection. */
export interface Tally {
  sent: number
  answered: number
  /** Sent, but the connection ended without a complete response. */
  lost: number
  /** Answered, but not with 200. */
  refused: number
}

export interface Load {
  readonly tally: Tally
  /** Returns how many connections have had a response, which the process has accepted, not only the kernel. */
  countAccepted(): number
  /** Resolves when no connection is accepted any more. */
  readonly ended: Promise<void>
}

/** Sends requests in sequence on each of `connections` connections, until no connection is accepted any more. */
export function startLoad(url: string, headers: Readonly<Record<string, string>>, connections: number): Load {
  const tally: Tally = { sent: 0, answered: 0, lost: 0, refused: 0 }
  let accepted = 0
  const onFirst = () => {
    accepted += 1
  }
  const all = Array.from({ length: connections }, () => requestUntilDenied(url, headers, tally, onFirst))
  return { tally, countAccepted: () => accepted, ended: Promise.all(all).then(() => undefined) }
}

async function requestUntilDenied(
  url: string,
  headers: Readonly<Record<string, string>>,
  tally: Tally,
  onFirst: () => void,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    let isOpen = await ask(request(url, { agent, headers }), tally)
    onFirst()
    while (isOpen) isOpen = await ask(request(url, { agent, headers }), tally)
  } finally {
    agent.destroy()
  }
}

/** @returns false if there was no connection */
async function ask(asked: ClientRequest, tally: Tally): Promise<boolean> {
  asked.end()
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
    await once(response, 'end')
    tally.sent += 1
    tally.answered += 1
    if (response.statusCode !== 200) tally.refused += 1
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return false
    tally.sent += 1
    tally.lost += 1
    return true
  }
}
