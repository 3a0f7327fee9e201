import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'

/** What became of requests that had a connection to be sent on. */
export interface Tally {
  sent: number
  answered: number
  /** Sent, and the connection ended without a whole answer. */
  lost: number
  /** Answered, and not with a 200. */
  refused: number
}

export interface Load {
  readonly tally: Tally
  /** Resolves when nobody takes connections any more. */
  readonly ended: Promise<void>
}

/** Asks on `connections` connections, on each as soon as the last answer is there, until none is taken any more. */
export function startLoad(url: string, headers: Readonly<Record<string, string>>, connections: number): Load {
  const tally: Tally = { sent: 0, answered: 0, lost: 0, refused: 0 }
  const all = Array.from({ length: connections }, () => askUntilRefused(url, headers, tally))
  return { tally, ended: Promise.all(all).then(() => undefined) }
}

async function askUntilRefused(url: string, headers: Readonly<Record<string, string>>, tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    while (await ask(request(url, { agent, headers }), tally));
  } finally {
    agent.destroy()
  }
}

/** @returns false when there was no connection to ask on */
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
