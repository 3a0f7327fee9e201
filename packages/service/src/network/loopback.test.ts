import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isLoopback } from './loopback.ts'

it('accepts the names of this machine only, as a URL has them', () => {
  const hosts = [
    'http://localhost:1',
    'http://127.1',
    'http://[0:0:0:0:0:0:0:1]',
    'http://LOCALHOST',
    'http://0x7f000001',
  ]
  for (const url of hosts) assert.ok(isLoopback(new URL(url).hostname), url)
  const foreign = ['http://localhost.example', 'http://localhost.', 'http://127.0.0.2', 'http://0.0.0.0', 'http://[::]']
  for (const url of foreign) assert.ok(!isLoopback(new URL(url).hostname), url)
})
