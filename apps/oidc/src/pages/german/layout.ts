/** The sentences around every page. */
export const LAYOUT = {
  'Error: {title}': 'Fehler: {title}',
  'There is a problem': 'Es gibt ein Problem',
  'Continue to {target}': 'Weiter zu {target}',
  'Continue to the app on your device': 'Weiter zur App auf Ihrem Gerät',
  'Go back to {target}': 'Zurück zu {target}',
  'Go back to the app on your device': 'Zurück zur App auf Ihrem Gerät',
  'Go back to your account': 'Zurück zu Ihrem Konto',
  'One moment': 'Einen Moment',
  'You are being sent to <strong>{target}</strong>.': 'Sie werden zu <strong>{target}</strong> weitergeleitet.',
  'You are being sent to <strong>the app on your device</strong>.':
    'Sie werden zur <strong>App auf Ihrem Gerät</strong> weitergeleitet.',
} as const
