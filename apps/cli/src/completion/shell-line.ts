/** The words of a command line up to the cursor. */
export interface ShellLine {
  /** Words without their quotes. The last one is being typed and may be empty. */
  readonly words: readonly string[]
  /** The quotation mark that is open at the cursor. */
  readonly openQuote: '' | '"' | "'"
}

/** Splits a line as a shell does, without evaluating anything: `$(…)` stays as it is. */
export function splitShellLine(line: string): ShellLine {
  const words = ['']
  let openQuote: ShellLine['openQuote'] = ''
  const append = (text: string) => words.push(`${words.pop() ?? ''}${text}`)
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index)
    if (openQuote !== '' && character === openQuote) openQuote = ''
    else if (openQuote === '' && (character === '"' || character === "'")) openQuote = character
    else if (character === '\\' && openQuote !== "'") {
      const next = line.charAt(index + 1)
      // Within double quotes, a backslash escapes only these characters.
      append(openQuote === '"' && !/["\\$`]/.test(next) ? `\\${next}` : next)
      index += 1
    } else if (openQuote === '' && /\s/.test(character)) {
      if (words.at(-1) !== '' || /["']/.test(line.charAt(index - 1))) words.push('')
    } else append(character)
  }
  return { words, openQuote }
}

/**
 * Formats a completion for Bash, which replaces the typed word from its last separator on, or from an open quotation mark.
 * @param separators characters at which Bash splits words, as in COMP_WORDBREAKS
 */
export function formatForBash(value: string, { words, openQuote }: ShellLine, separators: string): string {
  if (openQuote === "'") return value.replaceAll("'", "'\\''")
  if (openQuote === '"') return value.replaceAll(/["\\$`]/g, '\\$&')
  const typed = words.at(-1) ?? ''
  const start =
    Math.max(...[...':=@'].filter((one) => separators.includes(one)).map((one) => typed.lastIndexOf(one))) + 1
  return value.slice(Math.max(start, 0)).replaceAll(/[^\p{L}\p{N}_.,:=@/+%-]/gu, '\\$&')
}
