// Passes the answer of the browser's passkey dialog to the form of the page. Without support, the page says so.
const form = document.querySelector('form[data-passkey]:not([data-passkey="conditional"])')
const conditional = document.querySelector('form[data-passkey="conditional"]')
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

// Offers passkeys among the suggestions of the address field. The form is sent if one of them is chosen.
if (conditional && isSupported && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(conditional.dataset.options ?? ''))
    const credential = await navigator.credentials.get({ publicKey, mediation: 'conditional' })
    conditional.elements.response.value = JSON.stringify(credential)
    conditional.submit()
  } catch {
    // None was chosen: the password form works as without this script.
  }
}
