/// The schema of an embedding store, an HDF5 file: `docs/data-format.md` is its normative description.
enum EmbeddingStoreSchema {
  static let name = "capstan-embeddings"
  static let version = 1

  enum Attribute {
    static let schema = "schema"
    static let version = "version"
    static let encoder = "encoder"
    static let normalized = "normalized"
    static let source = "source"
  }

  enum Dataset {
    /// float16 or float32, [rows, width] or [rows, positions, width], contiguous.
    static let embeddings = "/embeddings"
    /// Strings [rows].
    static let imageIDs = "/image_ids"
    /// Strings [rows].
    static let splits = "/splits"
    /// Strings [captions].
    static let captionTexts = "/captions/text"
    /// Integers [captions].
    static let captionRows = "/captions/row"
  }
}
