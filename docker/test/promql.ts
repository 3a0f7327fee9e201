import { parser } from '@prometheus-io/lezer-promql'

/** A series that an expression selects. */
export interface Selected {
  readonly metric: string
  /** The labels that it is selected by. */
  readonly labels: readonly string[]
}

export interface Expression {
  readonly selected: readonly Selected[]
  /** The labels by which results are grouped or matched. */
  readonly grouping: readonly string[]
}

/** Parses an expression with the grammar of Prometheus. @throws Error with the rest of the text from the first fault on */
export function parseExpression(text: string): Expression {
  const selected: { metric: string; labels: string[] }[] = []
  const grouping: string[] = []
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      const own = text.slice(from, to)
      if (type.isError) throw new Error(`not PromQL from: ${text.slice(from)}`)
      if (type.name === 'VectorSelector') selected.push({ metric: /^\w*/.exec(own)?.[0] ?? '', labels: [] })
      if (type.name !== 'LabelName') return
      if (node.parent?.name === 'GroupingLabels') grouping.push(own)
      else selected.at(-1)?.labels.push(own)
    },
  })
  return { selected, grouping }
}
