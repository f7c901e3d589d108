import FileFormats
import Support

extension ImportRequest {
  /// Whether an HDF5 file says that it is an embedding store, or nothing else can be made of it.
  func isStore() throws -> Bool {
    guard let hdf5Program else { return true }
    let schema = EmbeddingStoreSchema.Attribute.schema
    if let file = try? HDF5File(path: input), let isThere = try? file.hasAttribute(schema) {
      return isThere && (try? file.string(attribute: schema)) == EmbeddingStoreSchema.name
    }
    return try ForeignHDF5(path: input, program: hdf5Program).isStore
  }

  /// A store as training reads it, or as HDF5's library does.
  func storeInAnyForm() throws -> StoreContents {
    do { return try StoreContents(of: EmbeddingStore(path: input)) } catch let failure as Failure {
      guard let hdf5Program else { throw failure }
      let contents = try ForeignHDF5(path: input, program: hdf5Program).storeContents()
      // Nobody has checked that its captions are of rows that are there.
      try contents.validate()
      return contents
    }
  }

  /// Those of an HDF5 file that is no store.
  func foreignEmbeddings() throws -> NumpyEmbeddings {
    try ForeignHDF5(path: input, program: hdf5Program ?? "").embeddings(
      key: embeddingsKey, idsKey: idsKey, idsPath: imageIDs)
  }
}
