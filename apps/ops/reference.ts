import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withReference } from './src/configuration/reference.ts'

/** The document that has the reference in it. */
export const DOCUMENT = join(import.meta.dirname, '../../docker/README.md')

if (import.meta.main) await writeFile(DOCUMENT, withReference(await readFile(DOCUMENT, 'utf8')))
