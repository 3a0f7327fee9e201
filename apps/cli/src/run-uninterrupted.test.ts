import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const MODULE = JSON.stringify(join(import.meta.dirname, 'run-uninterrupted.ts'))

/** Runs a process whose work waits for a line on standard input, and returns how it ends. */
async function runInterrupted(...steps: ('SIGINT' | 'finish')[]) {
  const script = `
    import { once } from 'node:events'
    import { runUninterrupted } from ${MODULE}
    process.once('SIGINT', () => process.exit(3))
    await runUninterrupted(async () => {
      process.on('SIGINT', () => console.log('received'))
      console.log('working')
      await once(process.stdin, 'data')
      console.log('done')
    })
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  const ended = once(child, 'close')
  await once(child.stdout, 'data')
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  for (const step of steps) {
    if (step === 'SIGINT') {
      const received = Promise.race([once(child.stdout, 'data'), ended])
      child.kill('SIGINT')
      await received
    } else {
      child.stdin.end('finish\n')
    }
  }
  const [code] = await ended
  return { code, output }
}

describe('runUninterrupted', () => {
  it('completes the work, and then handles the signal', async () => {
    const { code, output } = await runInterrupted('SIGINT', 'finish')
    assert.deepEqual([code, output.includes('done')], [3, true])
  })

  it('ends the process at the second signal', async () => {
    const { code, output } = await runInterrupted('SIGINT', 'SIGINT')
    assert.deepEqual([code, output.includes('done')], [130, false])
  })
})
