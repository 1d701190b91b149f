// What is used of Yjs: all that "export *" names would be in the bundle.
export {
  ContentDeleted,
  Doc,
  Item,
  UndoManager,
  UpdateEncoderV1,
  applyUpdate,
  createAbsolutePositionFromRelativePosition,
  createRelativePositionFromTypeIndex,
  decodeRelativePosition,
  decodeStateVector,
  decodeUpdate,
  encodeRelativePosition,
  encodeStateAsUpdate,
  encodeStateVector,
  mergeUpdates,
} from "yjs"
