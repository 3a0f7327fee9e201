// Passes the answer of the browser's passkey dialog to the form of the page. Without support, the page says so.
const form = document.querySelector('form[data-passkey]')
const start = form?.querySelector('button')
const failed = document.querySelector('[data-failed]')
const isSupported = typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function'

if (form && start && isSupported) {
  document.querySelector('[data-unsupported]')?.remove()
  start.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    start.disabled = true
    if (failed) failed.hidden = true
    try {
      const options = JSON.parse(form.dataset.options ?? '')
      const credential =
        form.dataset.passkey === 'create'
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
      form.elements.response.value = JSON.stringify(credential)
      form.submit()
    } catch {
      // Cancelled, or none on this device.
      start.disabled = false
      if (failed) failed.hidden = false
    }
  })
}
