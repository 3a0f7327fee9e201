import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ConfigError, loadConfig } from '@daytona-auth/service'
import { brandShape, pageBrandShape } from './brand.ts'
import { MAX_LOGO_BYTES } from './brand-logo.ts'

const folder = mkdtempSync(join(tmpdir(), 'brand-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const fileOf = (content: string | Buffer): string => {
  const path = join(folder, 'logo')
  writeFileSync(path, content)
  return path
}

const load = (env: Record<string, string>) => loadConfig({ ...brandShape, ...pageBrandShape }, env)
const refuses = (env: Record<string, string>, message: RegExp) =>
  assert.throws(
    () => load(env),
    (error) => error instanceof ConfigError && message.test(error.message),
    JSON.stringify(env),
  )

describe('the name of an installation', () => {
  it('is refused if it is a link, markup, too long or has characters that do not show', () => {
    for (const name of [
      ' ',
      'evil.example',
      'a.b c',
      '<b>x</b>',
      '{brand}',
      'A\u202eB',
      'A\nB',
      'x'.repeat(41),
      '-x',
      'x ',
    ]) {
      refuses({ BRAND_NAME: name }, /^invalid environment: BRAND_NAME (?:must|is invalid)/)
    }
  })

  it('is Daytona by default, and may have accents, digits and an abbreviation', () => {
    assert.equal(load({}).BRAND_NAME, 'Daytona')
    for (const name of ['Acme & Söhne', 'Acme Inc.', '株式会社', 'X', '4 You']) {
      assert.equal(load({ BRAND_NAME: name }).BRAND_NAME, name)
    }
  })
})

describe('the color of the pages', () => {
  it('is refused unless it is a color in hexadecimal digits', () => {
    for (const color of ['red', '#fff', '#12345g', '0b57d00', '#0b57d0;}', 'url(//evil.example)']) {
      refuses({ BRAND_COLOR: color }, /^invalid environment: BRAND_COLOR must be a color such as #0b57d0/)
    }
    assert.equal(load({ BRAND_COLOR: '#0B57d0' }).BRAND_COLOR, '#0B57d0')
  })
})

describe('the logo', () => {
  const svg = (content: string) => `<svg xmlns="http://www.w3.org/2000/svg">${content}</svg>`

  it('is refused if it cannot be read, is too large, or is no image', () => {
    refuses({ BRAND_LOGO: join(folder, 'missing') }, /BRAND_LOGO must be the path of a readable file/)
    refuses({ BRAND_LOGO: folder }, /BRAND_LOGO must be the path of a readable file/)
    refuses({ BRAND_LOGO: fileOf(svg('x'.repeat(MAX_LOGO_BYTES))) }, /BRAND_LOGO must be a file of at most 256 KiB/)
    for (const content of ['', 'text', '<html><svg></svg></html>', 'GIF89a', Buffer.from('89504e470d0a1a0a', 'hex')]) {
      refuses({ BRAND_LOGO: fileOf(content) }, /BRAND_LOGO must be a file with an SVG or PNG image/)
    }
  })

  it('is refused if it is an SVG image with a script, an entity or a link to another file', () => {
    for (const content of [
      '<script>1</script>',
      '<SCRIPT href="#x"/>',
      '<g onload="1"/>',
      '<g\nonclick = "1"/>',
      '<foreignObject/>',
      '<a href="javascript:1"/>',
      '<image href="https://evil.example/x.png"/>',
      "<use xlink:href='//evil.example/x.svg#a'/>",
      '<image href=https://evil.example/x.png />',
    ]) {
      refuses({ BRAND_LOGO: fileOf(svg(content)) }, /BRAND_LOGO must be an SVG image without scripts/)
    }
    refuses({ BRAND_LOGO: fileOf(`<?xml version="1.0"?><!DOCTYPE svg>${svg('')}`) }, /BRAND_LOGO must be a file with/)
  })

  it('is read with its type', () => {
    const image = svg('<defs><path id="a"/></defs><use href="#a"/>')
    assert.equal(
      load({ BRAND_LOGO: fileOf(`<?xml version="1.0"?>\n<!-- made by hand -->\n${image}`) }).BRAND_LOGO?.type,
      'image/svg+xml',
    )
    const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex')
    assert.deepEqual(load({ BRAND_LOGO: fileOf(png) }).BRAND_LOGO, {
      type: 'image/png',
      base64: png.toString('base64'),
    })
    assert.equal(load({}).BRAND_LOGO, undefined)
  })
})
