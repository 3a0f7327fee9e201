export { type AccountEvent, listAccountEvents } from './account-events.ts'
export { AUDIT_ACTIONS, type AuditAction, type AuditMetadata, auditActions } from './actions.ts'
export {
  type Authority,
  callerAuthority,
  INITIAL_SETUP,
  OPERATOR_COMMAND,
  SCHEDULED_TASK,
  SIGN_UP,
  systemAuthority,
} from './authority.ts'
export {
  type AuditAnchor,
  type AuditChain,
  findAuditEventAt,
  listAuditAnchors,
  verifyAuditChain,
} from './chain.ts'
export { type ChainedEvent, hasAuditAnchors, listAuditChains, readChainedEvents } from './chained-events.ts'
export {
  type AuditActor,
  type AuditEntry,
  type AuditedTx,
  type AuditFacts,
  actingKey,
  auditEntry,
  DEPLOYMENT,
  ensureAuditPartitions,
  inAudit,
  recordAudit,
} from './entries.ts'
export { type FedEvent, findEventSequence, listEventsAfter, readTrailHead } from './feed.ts'
export { type AnchorSigner, createAnchorSigner, dropAuditMonths } from './retention.ts'
export {
  AUDIT_TEXTS,
  type AuditCondition,
  type AuditEventRow,
  type AuditFilter,
  type AuditPosition,
  type AuditText,
  countAuditEvents,
  isAuditInstant,
  listAuditEvents,
  readWithTimeout,
} from './trail.ts'
