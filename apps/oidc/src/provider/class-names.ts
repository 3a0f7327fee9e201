import Provider, { errors } from 'oidc-provider'

/**
 * Names the library's models and errors as its source does. It finds the storage, lifetime and kind of a model by the name of
 * its class, which a bundler may change. That the bundler keeps every name would cost a call per function that is created, a
 * tenth of a token request.
 */
export function nameClasses(provider: Provider): void {
  for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(Provider.prototype))) {
    if (isClassName(name)) setName(get?.call(provider), name)
  }
  for (const [name, type] of Object.entries(errors)) setName(type, name)
}

const isClassName = (name: string): boolean => /^[A-Z]/.test(name)

function setName(type: unknown, name: string): void {
  if (typeof type === 'function') Object.defineProperty(type, 'name', { value: name, configurable: true })
}
