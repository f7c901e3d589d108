import Support

/// The widths of OpenAI's CLIP image embeddings: https://github.com/openai/CLIP.
public enum EncoderWidths {
  private static let known = [
    "RN50": 1024, "RN101": 512, "RN50x4": 640, "RN50x16": 768, "RN50x64": 1024, "ViT-B/32": 512,
    "ViT-B/16": 512, "ViT-L/14": 768, "ViT-L/14@336px": 768,
  ]

  /// Nil: not one of theirs, in any spelling.
  public static func width(of encoder: String) -> Int? { known[EncoderName.canonical(encoder)] }

  private static func encoders(of width: Int) -> String? {
    let names = known.filter { $0.value == width }.keys.sorted()
    return names.isEmpty ? nil : names.joined(separator: " or ")
  }

  /// The encoder that the user names for the embeddings in `path`, checked, by its usual name.
  ///
  /// Throws `Failure.usage` when there is none, or when it is one whose embeddings have another width.
  /// Vectors of several positions come from within an encoder and are of any width.
  static func check(_ encoder: String?, for matrix: EmbeddingMatrix, path: String) throws -> String {
    let width = matrix.width
    let others = encoders(of: width).map { " (as CLIP's \($0) makes them)" } ?? ""
    guard let encoder else {
      throw Failure.usage(
        "\(path) does not say what made its embeddings of width \(width)\(others); name it with --encoder "
          + "NAME."
      )
    }
    if let expected = Self.width(of: encoder), expected != width, matrix.positions == nil {
      throw Failure.usage(
        "\(path) has embeddings of width \(width)\(others), but those of \(encoder) have \(expected); name "
          + "the encoder that made them with --encoder.")
    }
    return EncoderName.canonical(encoder)
  }
}
