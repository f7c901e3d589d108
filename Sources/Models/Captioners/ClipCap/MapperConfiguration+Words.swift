extension MapperConfiguration? {
  /// As a sentence has it.
  public var inWords: String {
    switch self {
    case nil: "no mapping network"
    case .linear(let length): "a linear mapping network with a prefix of \(length)"
    case .mlp(let length): "an MLP with a prefix of \(length)"
    case .transformer(let length, let clipLength, let layers, let heads):
      "a transformer with a prefix of \(length), a clip length of \(clipLength), \(layers) layers and \(heads) heads"
    }
  }

  /// As `--set` or a configuration has it.
  public var settings: String {
    switch self {
    case nil: "model.mapper.kind=none"
    case .linear(let length): "model.mapper.kind=linear model.mapper.prefix_length=\(length)"
    case .mlp(let length): "model.mapper.kind=mlp model.mapper.prefix_length=\(length)"
    case .transformer(let length, let clipLength, let layers, let heads):
      "model.mapper.kind=transformer model.mapper.prefix_length=\(length) model.mapper.clip_length=\(clipLength) "
        + "model.mapper.layers=\(layers) model.mapper.heads=\(heads)"
    }
  }
}
