import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { startServerProcess } from './servers.ts'
import { waitFor } from './wait-for.ts'

const node = (script: string) => [process.execPath, '-e', script]
const FOREVER = 'setInterval(() => {}, 1000)'

const isRunning = (pid: number | undefined): boolean => {
  assert.ok(pid !== undefined && pid > 0)
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a server process', () => {
  it('that ends before it is ready is an error with its standard error', async (t) => {
    const { ready } = startServerProcess(t, node('console.error("the reason"); process.exit(3)'))
    await assert.rejects(
      ready(() => false),
      (error: Error) => {
        assert.match(error.message, /the reason/)
        assert.match(String(error.cause), /ended with 3/)
        return true
      },
    )
  })

  it('that is not ready in time is ended', async (t) => {
    const { ready, child } = startServerProcess(t, node(FOREVER))
    await assert.rejects(
      ready(() => false, 50),
      /not ready/,
    )
    assert.equal(isRunning(child.pid), false)
  })

  it('is ready when the condition holds, and ended after its scope', async () => {
    const tidyUps: (() => unknown)[] = []
    const server = startServerProcess(
      { after: (tidyUp) => tidyUps.push(tidyUp) },
      node(`console.log('up'); ${FOREVER}`),
    )
    assert.equal(await server.ready(() => server.output.stdout.trim()), 'up')
    assert.equal(isRunning(server.child.pid), true)
    for (const tidyUp of tidyUps) await tidyUp()
    assert.equal(isRunning(server.child.pid), false)
  })

  it('does not outlive a test file that fails while it is loaded', async () => {
    const script = `
      const { startServerProcess } = await import(${JSON.stringify(import.meta.resolve('./servers.ts'))})
      const { child } = startServerProcess({ after() {} }, ${JSON.stringify(node(FOREVER))})
      console.log(child.pid)
      throw new Error('the file cannot be loaded')`
    const pid = await new Promise<number>((resolve) => {
      execFile(process.execPath, ['--input-type=module', '-e', script], (_error, stdout) => resolve(Number(stdout)))
    })
    await waitFor(() => !isRunning(pid))
  })
})
