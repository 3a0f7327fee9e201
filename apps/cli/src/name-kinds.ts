/** What an argument or option takes: names and ids that exist at the server, or new text. */
export interface ValueTag {
  /** Names that are the same for every user. */
  readonly names?: readonly string[]
  /** Existing things, whose names the server lists. */
  readonly kind?: NameKind
  /** The name of a profile, which the configuration lists. */
  readonly isProfile?: boolean
  /** What the value is depends on the argument before it. */
  readonly following?: Readonly<Record<string, ValueTag>>
  /** The option takes several values, separated by commas. */
  readonly isList?: boolean
}

/** Things whose names the server lists. */
export type NameKind =
  | 'api-key'
  | 'app'
  | 'authorized-app'
  | 'domain'
  | 'invitation'
  | 'member'
  | 'organization'
  | 'received-invitation'
  | 'resource-server'
  | 'role'
  | 'session'

/** Kinds that exist without an organization. */
const PERSONAL: ReadonlySet<NameKind> = new Set(['authorized-app', 'organization', 'received-invitation', 'session'])

export const needsOrganization = (kind: NameKind): boolean => !PERSONAL.has(kind)

const TAG = Symbol('value tag')

/** Tags a parser, so that completion and prompts know its values. */
export const tagParser = <T, Former>(
  parse: (text: string, former?: Former) => T,
  tag: ValueTag,
): ((text: string, former?: Former) => T) =>
  Object.assign((text: string, former?: Former) => parse(text, former), { [TAG]: tag })

/** Creates a parser of the name or id of something that exists; the server rejects others. */
export const existingOption = (kind: NameKind) => tagParser((text: string): string => text, { kind })

/** Returns the tag of a parser; it is empty for other parsers. */
export const tagOf = (parse: unknown): ValueTag =>
  typeof parse === 'function' && TAG in parse ? (parse[TAG] as ValueTag) : {}
