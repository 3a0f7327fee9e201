/** What a test file must leave as it found it, because further files run in the same process. */
export type ProcessState = Readonly<Record<string, unknown>>

const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection']
/** Handles that remain open if a test does not close its servers and child processes. */
const HANDLES = ['TCPServerWrap', 'PipeServerWrap', 'ProcessWrap']

/** Reads the process-wide state that tests could change. */
export function readProcessState(): ProcessState {
  const handles = process.getActiveResourcesInfo()
  return {
    'process.env': JSON.stringify(Object.entries(process.env).toSorted()),
    'process.cwd()': process.cwd(),
    'process.exitCode': process.exitCode,
    'process.exit': process.exit,
    'globalThis.fetch': globalThis.fetch,
    'globalThis.Date': globalThis.Date,
    'globalThis.setTimeout': globalThis.setTimeout,
    ...Object.fromEntries(EVENTS.map((event) => [`listeners of ${event}`, process.listenerCount(event)])),
    ...Object.fromEntries(HANDLES.map((type) => [`open ${type}`, handles.filter((each) => each === type).length])),
  }
}

/** Names what differs between two states. */
export function findChanges(before: ProcessState, after: ProcessState): string[] {
  return Object.keys(before).filter((name) => before[name] !== after[name])
}
