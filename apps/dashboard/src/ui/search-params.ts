/** Values of the URL's query: anything but the expected form is as if it were absent. */
type Search = Record<string, unknown>

/** A text without surrounding white space; undefined if it is empty or no text. */
export function textOf(search: Search, name: string, maxLength = 200): string | undefined {
  const value = search[name]
  // The router parses `?q=123` as a number.
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
  return text.trim() === '' ? undefined : text.slice(0, maxLength)
}

/** One of `values`; undefined for another, and for the first, which is the default and not in the URL. */
export function choiceOf<Value extends string>(
  search: Search,
  name: string,
  values: readonly [Value, ...Value[]],
): Value | undefined {
  const value = values.find((one) => one === search[name])
  return value === values[0] ? undefined : value
}

/** Makes each member of a search removable: `undefined` takes it out of the URL. */
export type SearchChange<Search> = { readonly [Name in keyof Search]?: Search[Name] | undefined }

/** Drops the members that are undefined, so that they are not in the URL. */
export const compact = <Members extends object>(
  members: Members,
): { [Name in keyof Members]?: Exclude<Members[Name], undefined> } =>
  // What is left has no undefined member.
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members
