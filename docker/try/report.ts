/** Prints a line of the report. */
export const say = (line: string): void => void process.stdout.write(`docker/try: ${line}\n`)

export function sayTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const row of [head, head.map(() => '---'), ...rows]) process.stdout.write(`| ${row.join(' | ')} |\n`)
}

/** Measures an operation, in rounded milliseconds. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const begun = performance.now()
  const value = await work()
  return { ms: Math.round(performance.now() - begun), value }
}
