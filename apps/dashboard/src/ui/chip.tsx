import './chip.css'
import type { ReactNode } from 'react'

export type Tone = 'neutral' | 'good' | 'warn' | 'bad'

/** A short fact about a thing, such as its status. The text carries the meaning, the colour repeats it. */
export const Chip = ({ tone = 'neutral', children }: { readonly tone?: Tone; readonly children: ReactNode }) => (
  <span className={`chip ${tone}`}>{children}</span>
)
