import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { type HttpTimings, httpTimings } from './http-timings.ts'

export interface Metrics {
  /** Register further metrics here (`registers: [metrics.registry]`); prom-client's global registry is not served. */
  readonly registry: Registry
  readonly http: HttpTimings
}

/** prom-client's gauges named like counters. `nodejs_active_resources` has the same data by type. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** Creates the metrics of one server: process, requests and build. Two servers in one process have one registry each. */
export function createMetrics({ service, version }: { service: string; version: string }): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  new Gauge({
    name: 'build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1)
  return { registry, http: httpTimings(registry) }
}

/** Registers metrics of the use of a connection pool. `use` is called at each scrape. */
export function poolMetrics(
  registry: Registry,
  use: () => { readonly max: number; readonly statements: number; readonly transactions: number },
): void {
  const registers = [registry]
  new Gauge({
    name: 'database_connections_max',
    help: 'Connections to the database at most',
    registers,
    collect() {
      this.set(use().max)
    },
  })
  new Gauge({
    name: 'database_work_pending',
    help: 'Statements and transactions that have not ended; those beyond the number of connections wait',
    labelNames: ['kind'],
    registers,
    collect() {
      const { statements, transactions } = use()
      this.set({ kind: 'statement' }, statements)
      this.set({ kind: 'transaction' }, transactions)
    },
  })
}

/** Records the result of a run of a background task. */
export type TaskRan = (task: string, result: 'ok' | 'failed') => void

/** Registers the metrics of periodic background tasks, such as writing usage counts and deleting expired rows. */
export function taskMetrics(registry: Registry): TaskRan {
  const registers = [registry]
  const runs = new Counter({
    name: 'task_runs_total',
    help: 'Runs of background tasks by result',
    labelNames: ['task', 'result'],
    registers,
  })
  const successes = new Gauge({
    name: 'task_last_success_timestamp_seconds',
    help: 'When each task last succeeded',
    labelNames: ['task'],
    registers,
  })
  return (task, result) => {
    runs.inc({ task, result: 'failed' }, result === 'failed' ? 1 : 0)
    runs.inc({ task, result: 'ok' }, result === 'ok' ? 1 : 0)
    if (result === 'ok') successes.setToCurrentTime({ task })
  }
}
