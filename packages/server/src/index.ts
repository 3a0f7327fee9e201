export type { Task } from './periodic.ts'
export type { Resources, ServerConfig, ServerOptions } from './resources.ts'
export { type Application, type RunningServer, type ServerDefinition, startServer } from './start-server.ts'
