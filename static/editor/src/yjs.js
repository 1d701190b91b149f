// What notes.js uses of Yjs: all that "export *" names would be in the bundle.
export {
  Doc,
  applyUpdate,
  decodeRelativePosition,
  decodeStateVector,
  encodeRelativePosition,
  encodeStateAsUpdate,
  encodeStateVector,
  mergeUpdates,
} from "yjs"
