import '../ui/dialog.css'
import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useState } from 'react'
import { signInAgain, signOut } from '../session/session.ts'
import { useSession } from '../session/use-session.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/states.tsx'

/** Asks to sign in again in a window. The page behind it stays as it is, and its requests continue afterwards. */
export function SessionEnded() {
  const session = useSession()
  const [isBusy, setIsBusy] = useState(false)
  if (session.kind !== 'ended') return null
  const { profile, problem } = session
  return (
    <AlertDialog.Root open>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog">
          <AlertDialog.Title>Your session has ended</AlertDialog.Title>
          <AlertDialog.Description>
            Sign in again as <strong>{profile.email}</strong> to continue where you are. What you have typed is kept.
          </AlertDialog.Description>
          {problem && <Notice tone="bad">{problem}</Notice>}
          <div className="dialog-actions">
            <Button kind="plain" onClick={() => void signOut()}>
              Sign out
            </Button>
            <Button
              kind="primary"
              isBusy={isBusy}
              onClick={async () => {
                setIsBusy(true)
                await signInAgain()
                setIsBusy(false)
              }}
            >
              Sign in again
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
