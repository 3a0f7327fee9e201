import './field.css'
import { Input } from '@base-ui/react/input'
import { useEffect, useRef, useState } from 'react'

/**
 * A search that is in the URL: what is typed is applied after a pause. `/` focuses the first one of a page.
 * `transform` may replace what is typed before it gets into the URL, such as a whole API key.
 */
export function SearchField({
  label,
  value,
  onSearch,
  placeholder,
  transform = (text) => text,
}: {
  readonly label: string
  readonly value: string
  readonly onSearch: (text: string) => void
  readonly placeholder?: string
  readonly transform?: (text: string) => string
}) {
  const [text, setText] = useState(value)
  const applied = useRef(value)
  useEffect(() => {
    // The URL changed by other means: back, or a filter that was cleared.
    if (value !== applied.current) setText(value)
    applied.current = value
  }, [value])
  useEffect(() => {
    if (text === applied.current) return
    const timer = setTimeout(() => {
      applied.current = text
      onSearch(text)
    }, 250)
    return () => clearTimeout(timer)
  }, [text, onSearch])
  return (
    <Input
      type="search"
      className="input"
      aria-label={label}
      placeholder={placeholder}
      maxLength={200}
      autoComplete="off"
      spellCheck={false}
      value={text}
      data-search=""
      onValueChange={(next) => setText(transform(next))}
    />
  )
}
