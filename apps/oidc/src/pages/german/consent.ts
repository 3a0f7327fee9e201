/** The sentences of the consent page, and what scopes allow. */
export const CONSENT = {
  'Leave at least one permission, or deny access.':
    'Lassen Sie mindestens eine Berechtigung ausgewählt, oder verweigern Sie den Zugriff.',
  'Choose at least one organization, or deny access.':
    'Wählen Sie mindestens eine Organisation aus, oder verweigern Sie den Zugriff.',
} as const
