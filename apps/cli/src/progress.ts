import type { Terminal } from './terminal.ts'

/** Whoever waits longer wants to know for what. */
const PATIENCE_MS = 1000

/** Does `work`; after a second a person sees `text` and something that moves, on standard error. A program sees nothing. */
export async function withProgress<T>(terminal: Terminal, text: string, work: Promise<T>): Promise<T> {
  if (!terminal.stderr.isTTY) return work
  let stop = () => {}
  let isOver = false
  const timer = setTimeout(async () => {
    const { default: yoctoSpinner } = await import('yocto-spinner')
    if (isOver) return
    const spinner = yoctoSpinner({ text, stream: terminal.stderr as NodeJS.WriteStream }).start()
    stop = () => spinner.stop()
  }, PATIENCE_MS)
  try {
    return await work
  } finally {
    isOver = true
    clearTimeout(timer)
    stop()
  }
}
