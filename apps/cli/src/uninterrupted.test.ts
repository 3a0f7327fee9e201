import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const MODULE = JSON.stringify(join(import.meta.dirname, 'uninterrupted.ts'))

/** A process whose work waits for a line on standard input, and the end that it comes to. */
async function interrupted(...steps: ('SIGINT' | 'finish')[]) {
  const script = `
    import { once } from 'node:events'
    import { uninterrupted } from ${MODULE}
    process.once('SIGINT', () => process.exit(3))
    await uninterrupted(async () => {
      process.on('SIGINT', () => console.log('heard'))
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
      const heard = Promise.race([once(child.stdout, 'data'), ended])
      child.kill('SIGINT')
      await heard
    } else {
      child.stdin.end('go on\n')
    }
  }
  const [code] = await ended
  return { code, output }
}

describe('uninterrupted', () => {
  it('does the work to its end, and then what would have been done at once', async () => {
    const { code, output } = await interrupted('SIGINT', 'finish')
    assert.deepEqual([code, output.includes('done')], [3, true])
  })

  it('obeys at once who asks twice', async () => {
    const { code, output } = await interrupted('SIGINT', 'SIGINT')
    assert.deepEqual([code, output.includes('done')], [130, false])
  })
})
