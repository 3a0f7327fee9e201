import { InvalidArgumentError } from '@commander-js/extra-typings'
import type { ResourceScope } from '@daytona-auth/sdk'

/** Adds a scope, given as its name and its description, to those before it. */
export function scopeOption(text: string, former: ResourceScope[] = []): ResourceScope[] {
  const end = text.indexOf('=')
  const name = text.slice(0, Math.max(0, end)).trim()
  const description = text.slice(end + 1).trim()
  if (end === -1 || name === '' || description === '') {
    throw new InvalidArgumentError('Use the name of a scope and what it allows: "invoices:read=See your invoices".')
  }
  return [...former, { name, description }]
}
