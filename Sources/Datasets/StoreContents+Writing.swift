import FileFormats

extension StoreContents {
  /// Writes an embedding store that is complete or absent. The same contents give the same bytes.
  ///
  /// Throws what `validate()` throws, and `Failure.runtime` where the file cannot be written.
  public func write(to path: String) throws {
    try validate()
    let name = EmbeddingStoreSchema.Dataset.embeddings
    let entry =
      switch embeddings {
      case .float32(let values): ArrayEntry(name: name, shape: shape, floats: values)
      case .float16(let bits):
        ArrayEntry(name: name, shape: shape, element: .float16) { try bits.withUnsafeBytes($0) }
      }
    try EmbeddingStoreDraft(
      encoder: encoder, normalized: normalized, source: source, index: index, embeddings: entry
    ).write(to: path)
  }
}
