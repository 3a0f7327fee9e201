import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { type HttpTimings, httpTimings } from './http-timings.ts'

export interface Metrics {
  /** Register further metrics here (`registers: [metrics.registry]`); prom-client's global registry is not served. */
  readonly registry: Registry
  readonly http: HttpTimings
}

/** prom-client's gauges with the name of a counter; `nodejs_active_resources` says the same, by type. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** The metrics of one part: process, requests and build. Two parts in one process have one each. */
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

/** How much of a pool of database connections is taken; `use` is asked when somebody reads. */
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
    help: 'Statements and transactions begun and not ended; beyond the connections that there are, they wait',
    labelNames: ['kind'],
    registers,
    collect() {
      const { statements, transactions } = use()
      this.set({ kind: 'statement' }, statements)
      this.set({ kind: 'transaction' }, transactions)
    },
  })
}

/** Told how a run of a task in the background ended. */
export type TaskRan = (task: string, result: 'ok' | 'failed') => void

/** What is done now and then: what was counted is written, what is over is removed. */
export function taskMetrics(registry: Registry): TaskRan {
  const registers = [registry]
  const runs = new Counter({
    name: 'task_runs_total',
    help: 'Runs of the tasks in the background, by how they ended',
    labelNames: ['task', 'result'],
    registers,
  })
  const successes = new Gauge({
    name: 'task_last_success_timestamp_seconds',
    help: 'When each task last ended well',
    labelNames: ['task'],
    registers,
  })
  return (task, result) => {
    runs.inc({ task, result: 'failed' }, result === 'failed' ? 1 : 0)
    runs.inc({ task, result: 'ok' }, result === 'ok' ? 1 : 0)
    if (result === 'ok') successes.setToCurrentTime({ task })
  }
}
