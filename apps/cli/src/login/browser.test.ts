import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasBrowser } from './browser.ts'

describe('hasBrowser', () => {
  it('is false over SSH and without a desktop, unless BROWSER is set', () => {
    for (const [env, platform, expected] of [
      [{}, 'linux', false],
      [{ SSH_TTY: '/dev/pts/1', DISPLAY: ':10' }, 'linux', false],
      [{ SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, 'darwin', false],
      [{ SSH_TTY: '/dev/pts/1', BROWSER: 'firefox' }, 'linux', true],
      [{ DISPLAY: ':0' }, 'linux', true],
      [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
      [{ WSL_DISTRO_NAME: 'Debian' }, 'linux', true],
      [{}, 'darwin', true],
    ] as [Record<string, string>, NodeJS.Platform, boolean][]) {
      assert.equal(hasBrowser({ env }, platform), expected, JSON.stringify([env, platform]))
    }
  })
})
