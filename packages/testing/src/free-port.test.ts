import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { freePort } from './free-port.ts'

test('no free port is one that is given to port 0, or was returned before', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort))
  assert.equal(new Set(ports).size, 50)
  assert.ok(
    ports.every((port) => port >= 11_000 && port < 32_768),
    String(ports),
  )
})

test('a port in use is not free', async (t) => {
  const port = await freePort()
  const taken = createServer().listen(port + 1, '127.0.0.1')
  t.after(() => taken.close())
  await once(taken, 'listening')
  assert.notEqual(await freePort(), port + 1)
})
