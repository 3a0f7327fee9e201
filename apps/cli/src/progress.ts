import type { Terminal } from './terminal.ts'

/** Delay before the spinner appears. */
const DELAY_MS = 1000

/** Runs `work`. At a terminal, a spinner with `text` appears on standard error after a second. */
export async function withProgress<T>(terminal: Terminal, text: string, work: Promise<T>): Promise<T> {
  if (!terminal.stderr.isTTY) return work
  let stop = () => {}
  let isSettled = false
  const timer = setTimeout(async () => {
    const { default: yoctoSpinner } = await import('yocto-spinner')
    if (isSettled) return
    const spinner = yoctoSpinner({ text, stream: terminal.stderr as NodeJS.WriteStream }).start()
    stop = () => spinner.stop()
  }, DELAY_MS)
  try {
    return await work
  } finally {
    isSettled = true
    clearTimeout(timer)
    stop()
  }
}
