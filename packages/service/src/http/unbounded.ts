import type * as z from 'zod'
import { isConstantStep, maximumOf } from './bounded.ts'

// For tests only: finds schemas without a maximum. Not used by the servers.

/** The members of a schema with and without a maximum. */
export interface BoundsReport {
  /** Paths of text, arrays, records and free values without a maximum that is checked before any other work. */
  readonly unbounded: readonly string[]
  /** Paths of members with a maximum, and the maximum. */
  readonly bounded: readonly {
    readonly path: string
    readonly kind: 'string' | 'array' | 'record'
    readonly max: number
  }[]
}

/** Walks a request schema and reports which of its members have a maximum. */
export function examineBounds(schema: z.core.$ZodType): BoundsReport {
  const unbounded: string[] = []
  const bounded: BoundsReport['bounded'][number][] = []

  function walk(current: z.core.$ZodType, path: string): void {
    // Every schema created with zod is one of these.
    const { def } = (current as z.core.$ZodTypes)._zod
    switch (def.type) {
      case 'string':
        note(current, path, def.type)
        break
      case 'array':
        note(current, path, def.type)
        walk(def.element, `${path}[]`)
        break
      case 'record':
        note(current, path, def.type)
        walk(def.keyType, `${path}{name}`)
        walk(def.valueType, `${path}{}`)
        break
      case 'object':
        if (def.catchall !== undefined && def.catchall._zod.def.type !== 'never') unbounded.push(`${path}{}`)
        for (const [name, member] of Object.entries(def.shape)) walk(member, path === '' ? name : `${path}.${name}`)
        break
      case 'union':
        for (const option of def.options) walk(option, path)
        break
      case 'pipe':
        // The second schema of a pipe runs only if the first accepted the value.
        walk(isConstantStep(def.in) ? def.out : def.in, path)
        break
      case 'optional':
      case 'nullable':
      case 'nonoptional':
      case 'default':
      case 'prefault':
      case 'catch':
      case 'readonly':
        walk(def.innerType, path)
        break
      case 'number':
        if (def.coerce === true) unbounded.push(path)
        break
      case 'enum':
      case 'literal':
      case 'boolean':
      case 'null':
      case 'undefined':
      case 'never':
        break
      default:
        unbounded.push(path)
    }
  }

  function note(current: z.core.$ZodType, path: string, kind: 'string' | 'array' | 'record'): void {
    const max = maximumOf(current)
    if (max === undefined) unbounded.push(path)
    else bounded.push({ path, kind, max })
  }

  walk(schema, '')
  return { unbounded, bounded }
}
