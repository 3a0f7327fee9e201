/**
 * Whether single keys are shortcuts. A person who speaks commands, or hits keys by accident, can switch them off (WCAG
 * 2.1.4).
 */
const NAME = 'daytona.single-key-shortcuts'

export function areSingleKeysOn(): boolean {
  try {
    return localStorage.getItem(NAME) !== 'off'
  } catch {
    return true // storage is switched off
  }
}

export function setSingleKeys(isOn: boolean): void {
  try {
    if (isOn) localStorage.removeItem(NAME)
    else localStorage.setItem(NAME, 'off')
  } catch {
    // Storage is switched off: they stay on.
  }
}
