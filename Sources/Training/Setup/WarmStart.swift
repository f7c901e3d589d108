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
  func requireStart(of configuration: Configuration, _ tokenizer: any Tokenizer, _ stores: [EmbeddingStore])
    throws
  {
    let (family, model) = (configuration.model.family, description.model)
    guard type(of: model).family == family else {
      throw Failure.usage(
        "model.init_from \(path) is of the family \(type(of: model).family), but model.family is \(family); set it to "
          + "\(type(of: model).family).")
    }
    try configuration.model.section.requireStart(from: model, path: path)
    guard description.tokenizer == tokenizer.fingerprint else {
      throw Failure.usage(
        "model.init_from \(path) was trained with another vocabulary than data.tokenizer has; leave data.tokenizer out "
          + "to take the model's own.")
    }
    let normalizes = configuration.model.normalizeEmbeddings
    guard description.normalizesEmbeddings == normalizes || !configuration.model.section.seesImages else {
      throw Failure.usage(
        "model.normalize_embeddings is \(normalizes), but model.init_from \(path) was trained with it "
          + "\(!normalizes); set it so.")
    }
    for store in stores { try description.requireFit(of: store, for: path) }
  }
}
