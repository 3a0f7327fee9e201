import { shownName } from '@daytona-auth/accounts/shown-name'

/** The API of another organization that an app requests access to. */
export interface RequestedResource {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly organizationName: string
  readonly isOfPerson: boolean
  readonly scopes: readonly { readonly name: string; readonly description: string }[]
}

/** An API as shown to users: its organization chose the names and descriptions; the host of its URL is part of tokens. */
export interface ShownResource {
  readonly id: string
  readonly name: string
  /** Undefined for the personal organization of someone: the reader has one of the same name. */
  readonly organization: string | undefined
  readonly host: string
  /** What the requested scopes allow, in the order of the registration. The user of a third-party app may leave out each. */
  readonly scopes: readonly { readonly value: string; readonly sentence: string; readonly isChosen: boolean }[]
}

/** Prepares an API and the requested ones of its scopes for a page. `kept`: those chosen on a page with a problem. */
export function showResource(
  { id, identifier, name, organizationName, isOfPerson, scopes }: RequestedResource,
  requested: readonly string[],
  kept: readonly string[] = requested,
): ShownResource {
  return {
    id,
    name: shownName(name),
    organization: isOfPerson ? undefined : shownName(organizationName),
    host: new URL(identifier).host,
    scopes: scopes
      .filter((scope) => requested.includes(scope.name))
      .map(({ name: value, description }) => ({
        value,
        sentence: shownName(description),
        isChosen: kept.includes(value),
      })),
  }
}
