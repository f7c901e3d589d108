import Configuration
import Datasets
import Models
import Runs
import Support
import Text

extension StoredModel {
  /// Whether a run with this configuration can start from the model's weights.
  ///
  /// - Parameters:
  ///   - stores: the embeddings to train on.
  /// - Throws: `Failure` that names the first thing in which they differ.
  func requireStart(of configuration: Configuration, _ tokenizer: Tokenizer, _ stores: [EmbeddingStore])
    throws
  {
    let mapper = configuration.model.mapper.configuration
    guard description.sizes.mapper == mapper else {
      throw Failure.usage(
        "model.init_from \(path) has \(description.sizes.mapper.inWords), but model.mapper describes \(mapper.inWords); "
          + "set \(description.sizes.mapper.settings).")
    }
    guard description.tokenizer == tokenizer.fingerprint else {
      throw Failure.usage(
        "model.init_from \(path) was trained with another vocabulary than data.tokenizer has; leave data.tokenizer out "
          + "to take the model's own.")
    }
    let normalizes = configuration.model.normalizeEmbeddings
    guard description.normalizesEmbeddings == normalizes || mapper == nil else {
      throw Failure.usage(
        "model.normalize_embeddings is \(normalizes), but model.init_from \(path) was trained with it "
          + "\(!normalizes); set it so.")
    }
    for store in stores { try description.requireFit(of: store, for: path) }
  }
}

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
