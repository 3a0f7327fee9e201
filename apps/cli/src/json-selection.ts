import { Failure, UsageError } from './failure.ts'

/** Which part of a result `--json` and `--jq` print. */
export interface JsonSelection {
  /** Names of members; undefined for all. */
  readonly fields: readonly string[] | undefined
  /** Formats the result; each result of a jq program is a line. */
  readonly format: (value: unknown) => string
}

/**
 * Creates the selection of `--json` and `--jq`.
 * @throws UsageError for an invalid jq program
 */
export async function createJsonSelection(
  fields: readonly string[] | undefined,
  program: string | undefined,
): Promise<JsonSelection> {
  return { fields, format: program === undefined ? formatJson : await compileProgram(program) }
}

/**
 * Selects members of an object, or of each object of an array.
 * @throws Failure for a member that no object has; the hint lists those that exist
 */
export function selectFields(value: unknown, fields: readonly string[]): unknown {
  const objects = (Array.isArray(value) ? value : [value]).filter(isRecord)
  const known = new Set(objects.flatMap(Object.keys))
  const unknown = fields.filter((field) => !known.has(field))
  if (objects.length > 0 && unknown.length > 0) {
    throw new Failure(`There is no field ${unknown.map((field) => `"${field}"`).join(', ')}.`, {
      hint: `Fields: ${[...known].join(', ')}`,
    })
  }
  const select = (object: unknown) =>
    isRecord(object) ? Object.fromEntries(fields.map((field) => [field, object[field] ?? null])) : object
  return Array.isArray(value) ? value.map(select) : select(value)
}

async function compileProgram(program: string): Promise<(value: unknown) => string> {
  // The library runs such a program, without a result.
  if (/(?:^|\|)\s*$/.test(program)) throw new UsageError('The jq program failed: it is empty or ends with a pipe.')
  const { compile } = await import('@michaelhomer/jqjs')
  const run = rethrowAs(UsageError, () => compile(program))
  return (value) => {
    const results = rethrowAs(Failure, () => [...run(value)])
    return results.map((result) => (typeof result === 'string' ? result : JSON.stringify(result))).join('\n')
  }
}

function rethrowAs<T>(Kind: typeof Failure, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Kind(`The jq program failed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const formatJson = (value: unknown): string => JSON.stringify(value, null, 2)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
