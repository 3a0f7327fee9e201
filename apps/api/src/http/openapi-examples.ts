import { STATUS_CODES } from 'node:http'
import {
  errorExamples,
  operationParameterExamples,
  parameterExamples,
  responseExamples,
  schemaExamples,
} from './openapi-example-values.ts'

type Part = Readonly<Record<string, unknown>>

export interface ExampleOptions {
  readonly issuer: string
  readonly version: string
}

const SCHEMA = '#/components/schemas/'

/** Adds an example to every schema with a name, parameter, request body and response of the document. */
export function withExamples<D extends object>(document: D, { issuer, version }: ExampleOptions): D {
  const { paths = {}, components = {} } = document as { paths?: Part; components?: Part & { schemas?: Part } }
  const examples = schemaExamples(issuer, version)
  const exampleOf = ({ schema, operationId }: { schema: Part; operationId: string }): unknown => {
    const { $ref, items } = schema as { $ref?: string; items?: { $ref?: string } }
    const named = $ref ?? items?.$ref
    if (named === undefined) return responseExamples[operationId]
    const example = examples[named.slice(SCHEMA.length)]
    return $ref === undefined ? [example] : example
  }
  return {
    ...document,
    paths: mapValues(paths, (operations) =>
      mapValues(operations as Part, (operation) => describeOperation(operation as Operation, exampleOf)),
    ),
    components: {
      ...components,
      schemas: mapValues(components.schemas ?? {}, (schema, name) =>
        Object.hasOwn(examples, name) ? { ...(schema as Part), examples: [examples[name]] } : schema,
      ),
      examples: Object.fromEntries(
        Object.entries(errorExamples).map(([status, { summary, error }]) => [
          `Error${status}`,
          { summary, value: { statusCode: Number(status), message: STATUS_CODES[status], error } },
        ]),
      ),
    },
  }
}

interface Operation extends Part {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string }[]
  readonly requestBody?: { readonly content: Part }
  readonly responses: Readonly<Record<string, { readonly content?: Part }>>
}

type ExampleOf = (place: { schema: Part; operationId: string }) => unknown

function describeOperation(operation: Operation, exampleOf: ExampleOf): Operation {
  const { operationId, parameters, requestBody, responses } = operation
  const illustrate = (content: Part) =>
    mapValues(content, (media) => {
      const example = exampleOf({ schema: (media as { schema: Part }).schema, operationId })
      return example === undefined ? media : { ...(media as Part), example }
    })
  return {
    ...operation,
    ...(parameters && { parameters: parameters.map((parameter) => illustrateParameter(parameter, operationId)) }),
    ...(requestBody && { requestBody: { ...requestBody, content: illustrate(requestBody.content) } }),
    responses: mapValues(responses, (response, status) => {
      if (response.content === undefined) return response
      const content = Number(status) < 400 ? illustrate(response.content) : withError(response.content, status)
      return { ...response, content }
    }),
  }
}

const withError = (content: Part, status: string): Part =>
  mapValues(content, (media) => ({
    ...(media as Part),
    examples: { [status]: { $ref: `#/components/examples/Error${status}` } },
  }))

function illustrateParameter<P extends { readonly name: string }>(parameter: P, operationId: string): P {
  const example = operationParameterExamples[`${operationId} ${parameter.name}`] ?? parameterExamples[parameter.name]
  return example === undefined ? parameter : { ...parameter, example }
}

const mapValues = <V, R>(object: Readonly<Record<string, V>>, map: (value: V, name: string) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]))
