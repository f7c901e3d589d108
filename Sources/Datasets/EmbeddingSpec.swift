import Support

/// What embeddings a model was trained on: the only ones that it understands.
public struct EmbeddingSpec: Codable, Equatable, Sendable, CustomStringConvertible {
  /// What made them, such as `ViT-B/32`, by its usual name (`EncoderName`).
  public let encoder: String
  /// Floats of one image's embedding.
  public let width: Int
  /// Whether they have unit length.
  public let normalized: Bool

  public init(encoder: String, width: Int, normalized: Bool) {
    self.encoder = EncoderName.canonical(encoder)
    self.width = width
    self.normalized = normalized
  }

  public init(of store: EmbeddingStore) {
    self.init(encoder: store.encoder, width: store.valuesPerRow, normalized: store.normalized)
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      encoder: try values.decode(String.self, forKey: .encoder),
      width: try values.decode(Int.self, forKey: .width),
      normalized: try values.decode(Bool.self, forKey: .normalized))
  }

  public var description: String {
    "\(encoder), width \(width), \(normalized ? "normalized" : "not normalized")"
  }

  /// Whether the one can stand for the other.
  /// - Parameter normalizing: whether the model divides each embedding by its length, whatever that is.
  public func fits(_ other: EmbeddingSpec, normalizing: Bool) -> Bool {
    encoder == other.encoder && width == other.width && (normalizing || normalized == other.normalized)
  }
}
