import { closeSync, openSync, readSync } from 'node:fs'

/** An image for the pages, read once. */
export interface LogoFile {
  readonly type: 'image/svg+xml' | 'image/png'
  /** In base64: configuration is frozen, which bytes cannot be. */
  readonly base64: string
}

export const MAX_LOGO_BYTES = 256 * 1024

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const SVG = /^\uFEFF?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->)[\s\S])*-->\s*)*<svg[\s>]/
/** What an image does not need: entities, scripts, embedded pages, and links that leave the file. */
const ACTIVE =
  /<!(?:doctype|entity)|<(?:script|foreignobject|iframe)|\son\w+\s*=|href\s*=\s*["']?\s*(?!["']?\s*(?:#|data:image\/))/i

/** Reads a logo. @throws Error with what is wrong with the file */
export function readLogo(path: string): LogoFile {
  const content = readAtMost(path, MAX_LOGO_BYTES + 1)
  if (content.length > MAX_LOGO_BYTES) throw new Error(`must be a file of at most ${MAX_LOGO_BYTES / 1024} KiB`)
  if (content.subarray(0, PNG.length).equals(PNG)) return { type: 'image/png', base64: content.toString('base64') }
  const text = content.toString('utf8')
  if (!SVG.test(text)) throw new Error('must be a file with an SVG or PNG image')
  if (ACTIVE.test(text)) throw new Error('must be an SVG image without scripts, entities and links to other files')
  return { type: 'image/svg+xml', base64: content.toString('base64') }
}

/** Reads the beginning of a file of any size. */
function readAtMost(path: string, bytes: number): Buffer {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    throw new Error('must be the path of a readable file')
  }
  try {
    const buffer = Buffer.alloc(bytes)
    let length = 0
    for (let read = -1; read !== 0 && length < bytes; length += read) {
      read = readSync(file, buffer, length, bytes - length, null)
    }
    return buffer.subarray(0, length)
  } catch {
    throw new Error('must be the path of a readable file')
  } finally {
    closeSync(file)
  }
}
