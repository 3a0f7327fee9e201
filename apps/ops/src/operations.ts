/** What the audit trail says that a change of ours came through. */
export const OPERATIONS = 'operations'
