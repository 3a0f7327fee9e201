import { isInChild, passToOpener } from './session/callback-in-child.ts'
import { CALLBACK_PATH } from './session/user-manager.ts'

if (location.pathname === CALLBACK_PATH && isInChild()) {
  await passToOpener()
} else {
  const { startApp } = await import('./app.tsx')
  await startApp()
}
