import '../ui/dialog.css'
import { AlertDialog } from '@base-ui/react/alert-dialog'
import { useState, useSyncExternalStore } from 'react'
import { confirmStepUp, declineStepUp, getStepUp, subscribeToStepUp } from '../session/step-up.ts'
import { useProfile } from '../session/use-session.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/states.tsx'

/** Asks for the sign-in that a request waits for. The page behind it stays as it is, and the request continues afterwards. */
export function StepUpDialog() {
  const stepUp = useSyncExternalStore(subscribeToStepUp, getStepUp)
  const { email } = useProfile()
  const [isBusy, setIsBusy] = useState(false)
  if (stepUp === undefined) return null
  const { required, problem } = stepUp
  const needsSecondFactor = required.acrValues !== undefined
  return (
    <AlertDialog.Root open>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog">
          <AlertDialog.Title>Confirm that it is you</AlertDialog.Title>
          <AlertDialog.Description>
            {needsSecondFactor ? 'This needs a sign-in with a second factor. ' : 'This needs a recent sign-in. '}
            Sign in as <strong>{email}</strong> to continue where you are. What you have typed is kept.
          </AlertDialog.Description>
          {problem && <Notice tone="bad">{problem}</Notice>}
          {needsSecondFactor && (
            <p className="small">
              No second factor yet?{' '}
              <a href="/oauth/account/factors" target="_blank" rel="noopener">
                Set one up
              </a>
              , then sign in here.
            </p>
          )}
          <div className="dialog-actions">
            <Button kind="plain" onClick={declineStepUp}>
              Cancel
            </Button>
            <Button
              kind="primary"
              isBusy={isBusy}
              onClick={async () => {
                setIsBusy(true)
                await confirmStepUp()
                setIsBusy(false)
              }}
            >
              Sign in
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
