const DAY_MS = 24 * 60 * 60 * 1000

/** `date`: the end of a day that is chosen in a calendar. */
export type ExpiryChoice = '7' | '30' | '90' | '365' | 'date' | 'none'
export const EXPIRY_CHOICES = ['30', '7', '90', '365', 'date', 'none'] as const satisfies readonly ExpiryChoice[]

/** Returns when a credential expires: an instant, `null` for never, undefined if the date is missing or past. */
export function expiryOf(choice: ExpiryChoice, date: string, now: number): Date | null | undefined {
  if (choice === 'none') return null
  if (choice !== 'date') return new Date(now + Number(choice) * DAY_MS)
  // The end of the day in the person's time zone.
  const instant = new Date(`${date}T23:59:59`)
  return instant.getTime() > now ? instant : undefined
}

/** Formats a day as a date input has it, in the person's time zone. */
export function dayOf(instant: Date): string {
  const pad = (part: number): string => String(part).padStart(2, '0')
  return `${instant.getFullYear()}-${pad(instant.getMonth() + 1)}-${pad(instant.getDate())}`
}
