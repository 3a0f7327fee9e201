// Imported for `-f yaml` only. Named imports of a CommonJS module must be static.
import { Document, visit } from 'yaml'
import { escapeLines, isPrintable } from './escape.ts'

/**
 * Formats a value as YAML. Double quotes escape unprintable characters. Texts that a YAML 1.1 parser would read as
 * another type, such as an instant, are quoted too.
 */
export function formatYaml(value: unknown): string {
  const document = new Document(value, { compat: 'yaml-1.1' })
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && !isPrintable(node.value)) node.type = 'QUOTE_DOUBLE'
    },
  })
  return escapeLines(document.toString({ lineWidth: 0 }))
}
