import { anchorOf } from '../markdown.ts'
import type { Media, Operation, ReferenceDocument } from './document.ts'
import { describeMember, type Member, membersOf, typeOf } from './members.ts'
import { type Sample, samplesOf } from './samples.ts'

/** What a page of the reference shows. */
export interface Reference {
  readonly tag: string
  readonly description: string
  readonly operations: readonly ShownOperation[]
}

export interface ShownOperation {
  readonly id: string
  readonly summary: string
  readonly method: string
  readonly path: string
  /** Paragraphs, without the one about access. */
  readonly description: readonly string[]
  /** Who may call it. */
  readonly access: string
  readonly parameters: readonly { readonly title: string; readonly members: readonly Member[] }[]
  readonly body: ShownBody | undefined
  readonly responses: readonly ShownResponse[]
  /** The statuses of errors. */
  readonly errors: readonly string[]
  readonly samples: readonly Sample[]
}

interface ShownBody {
  readonly type: string
  readonly content: string
  readonly members: readonly Member[]
  readonly example: string
}

interface ShownResponse {
  readonly status: string
  readonly body: ShownBody | undefined
}

const PLACES = {
  path: 'Path parameters',
  query: 'Query parameters',
  header: 'Headers',
} as const

/** Returns the operations with each tag, in the order of the document's tags. */
export function readReference(document: ReferenceDocument): readonly Reference[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
  return document.tags.map(({ name, description }) => ({
    tag: name,
    description,
    operations: all
      .filter(({ operation }) => operation.tags[0] === name)
      .map(({ method, path, operation }) => showOperation(method, path, operation, document)),
  }))
}

function showOperation(
  method: string,
  path: string,
  operation: Operation,
  document: ReferenceDocument,
): ShownOperation {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation
  const { schemas } = document.components
  // The document's last paragraph is about access.
  const paragraphs = description.split('\n\n')
  return {
    id: anchorOf(operationId),
    summary,
    method: method.toUpperCase(),
    path,
    description: paragraphs.slice(0, -1),
    access: paragraphs.at(-1) ?? '',
    parameters: Object.entries(PLACES).flatMap(([place, title]) => {
      const members = parameters
        .filter((parameter) => parameter.in === place)
        .map(({ name, schema, description: text = '', required = false }) => ({
          ...describeMember({ name, schema, isRequired: required, schemas }),
          description: text,
        }))
      return members.length === 0 ? [] : [{ title, members }]
    }),
    body: showBody(requestBody?.content, document),
    responses: Object.entries(responses)
      .filter(([status]) => Number(status) < 400)
      .map(([status, { content }]) => ({ status, body: showBody(content, document) })),
    errors: Object.keys(responses).filter((status) => Number(status) >= 400),
    samples: samplesOf(method, path, operation, document.servers[0].url),
  }
}

function showBody(
  content: Readonly<Record<string, Media>> = {},
  { components }: ReferenceDocument,
): ShownBody | undefined {
  const [entry] = Object.entries(content)
  if (!entry) return undefined
  const [type, { schema, example }] = entry
  return {
    content: type,
    type: typeOf(schema, components.schemas),
    members: membersOf(schema, components.schemas),
    example: typeof example === 'string' ? example : JSON.stringify(example, null, 2),
  }
}
