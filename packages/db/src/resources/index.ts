export {
  deleteRegistry,
  findRegistry,
  insertRegistry,
  listRegistries,
  lockRegistry,
  type NewRegistry,
  type RegistryRow,
  resealRegistries,
  type SealedRegistry,
  updateRegistry,
} from './registries.ts'
export {
  deleteSandbox,
  findSandbox,
  insertSandbox,
  isSandboxPosition,
  listSandboxes,
  type NewSandbox,
  SANDBOX_SORTS,
  type SandboxFilter,
  type SandboxPage,
  type SandboxRow,
  type SandboxSort,
  updateSandbox,
} from './sandboxes.ts'
export {
  deleteSnapshot,
  findSnapshot,
  insertSnapshot,
  listSnapshots,
  SNAPSHOT_SORTS,
  type SnapshotRow,
  type SnapshotSort,
} from './snapshots.ts'
export { deleteVolume, findVolume, insertVolume, listVolumes, type VolumeRow } from './volumes.ts'
