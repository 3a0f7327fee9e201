import type { ReactNode } from 'react'

/** As many as a person reads. */
const MAX_SHOWN = 10

/** A list of names. Of a long one it shows the first ones, and states how many more there are. */
export const NameList = ({
  items,
  count = items.length,
}: {
  readonly items: readonly { readonly id: string; readonly name: string; readonly note?: ReactNode }[]
  /** How many there are, if `items` has the first of them only. */
  readonly count?: number
}) => (
  <ul className="names">
    {items.slice(0, MAX_SHOWN).map(({ id, name, note }) => (
      <li key={id}>
        <bdi>{name}</bdi> {note}
      </li>
    ))}
    {count > MAX_SHOWN && <li className="soft">and {count - MAX_SHOWN} more</li>}
  </ul>
)
