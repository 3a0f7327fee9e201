import { Pause, Play, Radio } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { describeError } from '../../ui/states.tsx'
import { isFull, type LiveEvents } from './live-events.ts'

/** After a summary, the next one waits this long: each event by itself would interrupt a screen reader. */
const ANNOUNCEMENT_MS = 10_000

/** Switches the live trail on and off, and pauses it. */
export function LiveBar({
  isOn,
  onToggle,
  live: { stream, events, isPaused, waiting, pause, resume },
}: {
  readonly isOn: boolean
  readonly onToggle: () => void
  readonly live: LiveEvents
}) {
  const summary = useSummary(events.length + waiting, isOn && !isPaused)
  const count = isFull(waiting) ? `${waiting} or more` : String(waiting)
  return (
    <div className="row live">
      <Button aria-pressed={isOn} onClick={onToggle}>
        <Radio className="icon" aria-hidden="true" />
        Live
      </Button>
      {isOn && (
        <Button onClick={isPaused ? resume : pause}>
          {isPaused ? <Play className="icon" aria-hidden="true" /> : <Pause className="icon" aria-hidden="true" />}
          {isPaused ? (waiting > 0 ? `Resume, ${count} new` : 'Resume') : 'Pause'}
        </Button>
      )}
      <p className="soft" role="status">
        {isOn && !isPaused && sentenceOf(stream)}
      </p>
      <p className="visually-hidden" role="status">
        {summary}
      </p>
    </div>
  )
}

function sentenceOf(stream: LiveEvents['stream']): string {
  if (stream.kind === 'connected') return 'New events appear here.'
  return stream.kind === 'connecting' ? 'Connecting…' : `${describeError(stream.error).sentence}. Trying again…`
}

/** Returns a sentence about the new events since the last one, not more often than every ten seconds. */
function useSummary(total: number, isOn: boolean): string {
  const [summary, setSummary] = useState('')
  const announced = useRef({ total: 0, at: 0 })
  useEffect(() => {
    const { at } = announced.current
    // The list was read again and has them, or they are not announced.
    if (!isOn || total < announced.current.total) announced.current.total = total
    if (!isOn || total === announced.current.total) return
    const timer = setTimeout(
      () => {
        const added = total - announced.current.total
        announced.current = { total, at: Date.now() }
        setSummary(`${added} new ${added === 1 ? 'event' : 'events'}.`)
      },
      Math.max(0, at + ANNOUNCEMENT_MS - Date.now()),
    )
    return () => clearTimeout(timer)
  }, [total, isOn])
  return summary
}
