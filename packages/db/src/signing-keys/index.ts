export {
  addFirstSigningKeys,
  advanceSigningKeys,
  listSigningKeys,
  type NewSigningKey,
  publishSigningKeys,
  type RotationPace,
  replaceSigningKeys,
  rewrapSigningKeys,
  type SigningKeyChange,
  type SigningKeyRow,
} from './signing-keys.ts'
