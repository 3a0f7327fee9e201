// Loaded for `-f yaml` alone. Named imports of a CommonJS module work only where they are static.
import { Document, visit } from 'yaml'
import { isPrintable, printableLines } from './printable.ts'

/**
 * Texts that a terminal could take for commands are quoted, since only between double quotes they can be spelled out;
 * and so are those that an older parser would take for something else, such as an instant.
 */
export function yamlOf(value: unknown): string {
  const document = new Document(value, { compat: 'yaml-1.1' })
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && !isPrintable(node.value)) node.type = 'QUOTE_DOUBLE'
    },
  })
  return printableLines(document.toString({ lineWidth: 0 }))
}
