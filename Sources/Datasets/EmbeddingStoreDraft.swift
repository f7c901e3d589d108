import FileFormats
import Support

/// An embedding store that is about to be written, its embeddings a piece at a time.
struct EmbeddingStoreDraft {
  let encoder: String
  let normalized: Bool
  let source: String
  let index: EmbeddingStoreIndex
  /// Under the name of the schema's dataset. Its pieces are whole rows.
  let embeddings: ArrayEntry

  /// Writes an embedding store that is complete or absent. The same content gives the same bytes.
  ///
  /// Throws `Failure.runtime` where the file cannot be written.
  func write(to path: String) throws {
    typealias Attribute = EmbeddingStoreSchema.Attribute
    typealias Dataset = EmbeddingStoreSchema.Dataset
    try DurableFile.write(to: path) { temporary in
      let file = try HDF5Writer(creating: temporary)
      try file.set(attribute: Attribute.schema, to: EmbeddingStoreSchema.name)
      try file.set(attribute: Attribute.version, to: EmbeddingStoreSchema.version)
      try file.set(attribute: Attribute.encoder, to: encoder)
      try file.set(attribute: Attribute.normalized, to: normalized)
      try file.set(attribute: Attribute.source, to: source)
      try file.write(embeddings)
      try file.write(index.imageIDs, as: Dataset.imageIDs)
      try file.write(index.splits, as: Dataset.splits)
      try file.write(index.captionTexts, as: Dataset.captionTexts)
      try file.write(index.captionRows, as: Dataset.captionRows)
      try file.close()
    }
  }
}
