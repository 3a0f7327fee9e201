import './toasts.css'
import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import { buttonClass } from './button.tsx'

const manager = Toast.createToastManager()

/** Confirms that something was done. Never pass a secret: what is shown here is announced and stays for a while. */
export const showToast = (text: string): void => {
  manager.add({ title: text, timeout: 6000 })
}

/** The place where confirmations appear. */
export const Toasts = () => (
  <Toast.Provider toastManager={manager}>
    <Toast.Portal>
      <Toast.Viewport className="toasts">
        <ToastList />
      </Toast.Viewport>
    </Toast.Portal>
  </Toast.Provider>
)

function ToastList() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast">
      <Toast.Title render={<p />} />
      <Toast.Close className={buttonClass('plain', true)} aria-label="Dismiss">
        <X className="icon" aria-hidden="true" />
      </Toast.Close>
    </Toast.Root>
  ))
}
