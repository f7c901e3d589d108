import ConfigurationKeys

public enum MapperKind: String, ConfigurationChoice, Sendable {
  case linear, mlp, transformer
  /// No mapping network and no images: a plain language model on the captions.
  case none
}

public struct MapperSection: ConfigurationSection, Sendable {
  public var kind = MapperKind.mlp
  public var prefixLength = 10
  public var clipLength = 10
  public var layers = 8
  public var heads = 8

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init(
        "kind", \.kind,
        "mlp, transformer, linear as in ClipCap's predict.py for long prefixes, or none for a plain language model on the "
          + "captions."
      ),
      .init("prefix_length", \.prefixLength, "Rows of the prefix."),
      .init("clip_length", \.clipLength, "Transformer: rows that the embedding is turned into."),
      .init("layers", \.layers, "Transformer: blocks."),
      .init("heads", \.heads, "Transformer: attention heads."),
    ]
  }
}

extension MapperSection {
  /// Nil: no mapping network.
  public var configuration: MapperConfiguration? {
    switch kind {
    case .none: nil
    case .linear: .linear(prefixLength: prefixLength)
    case .mlp: .mlp(prefixLength: prefixLength)
    case .transformer:
      .transformer(prefixLength: prefixLength, clipLength: clipLength, layers: layers, heads: heads)
    }
  }
}
