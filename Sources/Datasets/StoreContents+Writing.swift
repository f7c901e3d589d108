import Essentials
import Storage

extension StoreContents {
  /// Writes an embedding store that is complete or absent. The same contents give the same bytes.
  ///
  /// Throws what `validate()` throws, and `Failure.runtime` where the file cannot be written.
  public func write(to path: String) throws {
    typealias Attribute = EmbeddingStoreSchema.Attribute
    typealias Dataset = EmbeddingStoreSchema.Dataset
    try validate()
    try DurableFile.write(to: path) { temporary in
      let file = try HDF5Writer(creating: temporary)
      try file.set(attribute: Attribute.schema, to: EmbeddingStoreSchema.name)
      try file.set(attribute: Attribute.version, to: EmbeddingStoreSchema.version)
      try file.set(attribute: Attribute.encoder, to: encoder)
      try file.set(attribute: Attribute.normalized, to: normalized)
      try file.set(attribute: Attribute.source, to: source)
      switch embeddings {
      case .float32(let values): try file.write(float32: values, shape: shape, as: Dataset.embeddings)
      case .float16(let bits): try file.write(float16: bits, shape: shape, as: Dataset.embeddings)
      }
      try file.write(imageIDs, as: Dataset.imageIDs)
      try file.write(splits, as: Dataset.splits)
      try file.write(captionTexts, as: Dataset.captionTexts)
      try file.write(captionRows, as: Dataset.captionRows)
      try file.close()
    }
  }
}
