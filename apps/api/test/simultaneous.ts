import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Answer } from './world.ts'

/** Answers to writes that were sent at the same time. */
export interface SimultaneousAnswers {
  readonly answers: readonly Answer[]
  /** Whether some were answered 503 first. Each of those writes may have been done. */
  readonly isUncertain: boolean
}

/** The status of a handler that took longer than allowed, which happens on a machine under load. */
const OVERDUE = 503
const MAX_ATTEMPTS = 20

/**
 * Sends `count` writes at the same time. Those that are answered 503 are sent again, one after the other: at the same time they
 * would again wait for each other, and for what is left of the writes before, longer than a handler may take.
 */
export async function sendSimultaneously(
  count: number,
  send: (index: number) => Promise<Answer>,
): Promise<SimultaneousAnswers> {
  let isUncertain = false
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => send(index)))
  for (const [index, first] of answers.entries()) {
    let answer = first
    for (let attempts = 1; answer.status === OVERDUE && attempts < MAX_ATTEMPTS; attempts += 1) {
      isUncertain = true
      if (attempts > 1) await delay(1000 * Number(answer.headers.get('retry-after')))
      answer = await send(index)
    }
    answers[index] = answer
  }
  return { answers, isUncertain }
}

/**
 * Asserts that one write succeeded and that all others were refused. If some were answered 503 first, one of those may be
 * the one that was done, and all answers may be denials: the caller also compares what is stored.
 */
export function assertOneSucceeded(
  { answers, isUncertain }: SimultaneousAnswers,
  { success, denial }: { success: number; denial: number },
): void {
  const statuses = answers.map(({ status }) => status).toSorted()
  if (isUncertain && !statuses.includes(success)) assert.deepEqual(statuses, Array(answers.length).fill(denial))
  else assert.deepEqual(statuses, [success, ...Array(answers.length - 1).fill(denial)])
}
