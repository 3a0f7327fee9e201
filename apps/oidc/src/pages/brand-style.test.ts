import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { brandStyle } from './brand-style.ts'

/** Relative luminance (WCAG 2.2), written out so that the measure is not that of the library. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(hex.slice(start, start + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}
/** The custom properties of the light and of the dark scheme. */
const schemesOf = (css: string) =>
  css
    .split('@media (prefers-color-scheme: dark)')
    .slice(0, 2)
    .map((part) =>
      Object.fromEntries([...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex ?? ''])),
    )

const own = schemesOf(readFileSync(new URL('./templates/style.css', import.meta.url), 'utf8'))

describe('brandStyle', () => {
  for (const color of [
    '#000000',
    '#ffffff',
    '#808080',
    '#ffff00',
    '#00ff00',
    '#0000ff',
    '#ff0000',
    '#0b57d0',
    '#7a4a00',
  ]) {
    it(`gives text in ${color} a contrast of 4.5:1 on each background of the pages, and on buttons`, () => {
      for (const [index, scheme] of schemesOf(brandStyle(color)).entries()) {
        const { ground = '', card = '', wash = '' } = own[index] ?? {}
        assert.match(ground + card + wash, /^(?:#[0-9a-f]{6}){3}$/)
        for (const text of [scheme['link'], scheme['mark'], scheme['ring']]) {
          for (const background of [ground, card, wash]) {
            assert.ok(contrast(text ?? '', background) >= 4.5, `${text} on ${background}`)
          }
        }
        for (const button of [scheme['action'], scheme['action-over']]) {
          assert.ok(contrast(button ?? '', scheme['on-action'] ?? '') >= 4.5, `button ${button}`)
        }
      }
    })
  }

  it('keeps a color that is readable as it is', () => {
    assert.equal(schemesOf(brandStyle('#0b57d0'))[0]?.['link'], '#0b57d0')
    assert.equal(schemesOf(brandStyle('#8ab4f8'))[1]?.['link'], '#8ab4f8')
  })
})
