import { isInChild, passToOpener } from './session/callback-in-child.ts'
import { startSession } from './session/session.ts'
import { CALLBACK_PATH } from './session/user-manager.ts'

if (location.pathname === CALLBACK_PATH && isInChild()) {
  await passToOpener()
} else {
  // Its requests run while the app is loaded.
  const session = startSession()
  // The app shows the failure, once it is there.
  session.catch(() => {})
  const { startApp } = await import('./app.tsx')
  await startApp(session)
}
