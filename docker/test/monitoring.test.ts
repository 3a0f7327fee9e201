import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { FOLDER } from './compose.ts'
import { parseExpression } from './promql.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string }
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[]
}

const read = (...path: string[]) => readFileSync(join(FOLDER, ...path), 'utf8')
/** The metrics that the tests of both servers find at their metrics ports, with their labels. */
const METRICS: Record<string, string[]> = Object.assign(
  {},
  ...Object.values(JSON.parse(read('monitoring/metrics.json'))),
)
/** Metrics of prom-client that the alert rules and the dashboard use. */
const OF_PROCESS = [
  'nodejs_eventloop_lag_p99_seconds',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
]
/** Labels that every series has, by the server or by Prometheus. */
const COMMON = ['service', 'instance', 'le']

const { groups }: { groups: readonly { name: string; rules: readonly Rule[] }[] } = parse(
  read('monitoring/alerts.yaml'),
)
const rules = groups.flatMap((group) => group.rules)
const dashboard: { panels: readonly Panel[]; annotations: { list: readonly { expr: string }[] } } = JSON.parse(
  read('monitoring/dashboard.json'),
)
const panels = dashboard.panels.filter(({ type }) => type !== 'row')
const shown = [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.annotations.list.map(({ expr }) => expr),
].map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$service', 'api'))

const baseOf = (metric: string) => (metric in METRICS ? metric : metric.replace(/_(?:bucket|count|sum)$/, ''))

/** Asserts that an expression selects existing metrics by labels that they have. Returns their names. */
function checkExpression(expr: string): string[] {
  const { selected, grouping } = parseExpression(expr)
  const names = selected.map(({ metric }) => baseOf(metric))
  for (const [index, { labels }] of selected.entries()) {
    const name = names[index] ?? ''
    assert.ok(name in METRICS || OF_PROCESS.includes(name), `${name} is no metric, in ${expr}`)
    for (const label of labels) {
      assert.ok([...(METRICS[name] ?? []), ...COMMON].includes(label), `${name} has no label ${label}, in ${expr}`)
    }
  }
  const known = [...names.flatMap((name) => METRICS[name] ?? []), ...COMMON]
  for (const label of grouping) assert.ok(known.includes(label), `nothing has the label ${label}, in ${expr}`)
  return names
}

describe('the alert rules', () => {
  it('select existing metrics by labels that they have', () => {
    for (const { expr } of rules) checkExpression(expr)
    assert.ok(rules.length > 20)
  })

  it('have unique names, a severity, what happens and a runbook that exists', () => {
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
    for (const { alert, labels, annotations, for: duration } of rules) {
      assert.match(alert, /^DaytonaAuth[A-Z]/)
      assert.match(labels.severity, /^(?:page|ticket)$/, alert)
      assert.match(duration ?? '1m', /^\d+[mh]$/, alert)
      assert.ok(annotations.summary && annotations.description, alert)
      assert.ok(existsSync(join(FOLDER, '..', annotations.runbook_url)), annotations.runbook_url)
    }
  })

  it('wait before they page, unless the first occurrence does harm', () => {
    const immediate = rules.filter((rule) => rule.labels.severity === 'page' && !rule.for).map(({ alert }) => alert)
    assert.deepEqual(immediate, [
      'DaytonaAuthStaleDenials',
      'DaytonaAuthDiskFull',
      'DaytonaAuthNotificationQueueNearlyFull',
      'DaytonaAuthPasswordsRefused',
    ])
  })

  it('name labels in their texts that remain after aggregation', () => {
    for (const { alert, expr, annotations } of rules) {
      const { selected, grouping } = parseExpression(expr)
      const text = JSON.stringify(annotations)
      const isAggregated = /\b(?:sum|max|min|count|absent)\b(?! without)/.test(expr)
      const remaining = isAggregated
        ? [...grouping, ...selected.flatMap(({ labels }) => labels)]
        : ['instance', 'service', ...selected.flatMap(({ metric }) => METRICS[baseOf(metric)] ?? [])]
      for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g)) {
        assert.ok(remaining.includes(label), `${alert}: ${label}`)
      }
    }
  })

  it('watch every background task of both servers', () => {
    const started = ['api', 'oidc'].flatMap((server) =>
      [...read(`../apps/${server}/src/start.ts`).matchAll(/name: '([^']+)',\s+everyMs/g)].map(([, name]) => name),
    )
    const { expr } = rules.find(({ alert }) => alert === 'DaytonaAuthTaskStopped') ?? { expr: '' }
    const watched = [...expr.matchAll(/task=~"([^"]+)"/g)].flatMap(([, names = '']) => names.split('|'))
    assert.deepEqual(watched.toSorted(), started.toSorted())
  })

  it('are linked by every runbook, and no runbook is left over', () => {
    const linked = new Set(rules.map(({ annotations }) => annotations.runbook_url.replace('docker/runbooks/', '')))
    // What no metric shows, and what is planned.
    linked.add('lost-signing-secret.md').add('rotate-secrets.md')
    assert.deepEqual(readdirSync(join(FOLDER, 'runbooks')).sort(), [...linked].sort())
  })
})

describe('the dashboard', () => {
  it('selects existing metrics by labels that they have', () => {
    for (const expr of shown) checkExpression(expr)
  })

  it('shows every metric', () => {
    const seen = new Set(shown.flatMap(checkExpression))
    assert.deepEqual(
      Object.keys(METRICS).filter((name) => !seen.has(name)),
      [],
    )
  })

  it('has panels with a title, a description and legends, of which none covers another', () => {
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
    const cells = new Set<string>()
    for (const { title, gridPos } of dashboard.panels) {
      const { x, y, w, h } = gridPos
      assert.ok(x + w <= 24, title)
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          assert.ok(!cells.has(`${column},${line}`), `${title} covers another panel`)
          cells.add(`${column},${line}`)
        }
      }
    }
    for (const { title, description, targets = [] } of panels) {
      assert.ok(description && targets.every(({ legendFormat }) => legendFormat), title)
    }
  })
})

describe('an expression', () => {
  it('is refused with a metric or a label that does not exist, or if it is not PromQL', () => {
    assert.throws(() => checkExpression('rate(sign_inns_total[5m])'), /sign_inns_total is no metric/)
    assert.throws(() => checkExpression('sign_ins_total{outcome="wrong"}'), /sign_ins_total has no label outcome/)
    assert.throws(() => checkExpression('sum by (outcome) (sign_ins_total)'), /nothing has the label outcome/)
    assert.throws(() => checkExpression('sum by (result) (sign_ins_total'), /not PromQL/)
    assert.throws(() => checkExpression('sum(rate(sign_ins_total{result="wrong")[5m])'), /not PromQL/)
  })
})
