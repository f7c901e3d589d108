import Configuration
import Datasets
import Models
import Runs
import Support
import Text

/// The files that a run learns from and is measured on, open.
struct TrainingFiles {
  let tokenizer: any Tokenizer
  let model: any ModelConfiguration
  /// What the run starts from; nil: a language model, or random weights.
  let start: StoredModel?
  let stores: [EmbeddingStore]
  /// Of the validation; none where there is none.
  let validationStores: [EmbeddingStore]
  /// What is doubtful, where the content was checked.
  private(set) var warnings: [String] = []

  /// - Parameter checking: whether the stores' content is read once and checked, which is enough on one rank.
  /// - Throws: `Failure` when a file cannot be read, or does not fit the others.
  init(_ configuration: Configuration, checking: Bool) throws {
    let data = configuration.data
    start = try configuration.model.initialModel.map(StoredModel.init)
    let tokenizerDirectory =
      data.tokenizer ?? start?.tokenizerDirectory ?? configuration.model.section.weightsDirectory ?? ""
    tokenizer = try TokenizerDirectory.open(tokenizerDirectory)
    stores = try EmbeddingStore.open(data.train.files, checking: checking)
    let isShared = data.validation.files == data.train.files
    validationStores = isShared ? stores : try EmbeddingStore.open(data.validation.files, checking: checking)
    try start?.requireStart(of: configuration, tokenizer, stores)
    model = try configuration.model.section.modelConfiguration(
      ModelInputs(
        vocabularySize: tokenizer.vocabularySize, tokenizerDirectory: tokenizerDirectory,
        embeddingWidth: stores[0].valuesPerRow, known: start?.description.model))
    try requireFit(normalizing: configuration.model.normalizeEmbeddings)
    try requireFullStops(data, in: tokenizerDirectory)
    guard checking else { return }
    let all = stores + (isShared ? [] : validationStores)
    try EmbeddingStore.requireFiniteWhereCheap(all)
    // Of no matter where each is divided by its length.
    if !configuration.model.normalizeEmbeddings {
      warnings = try all.compactMap { try $0.falseNormalization() }
    }
  }

  /// A word vocabulary may have none, and never has one that touches a word.
  private func requireFullStops(_ data: DataSection, in directory: String) throws {
    guard let unknown = tokenizer.unknown else { return }
    guard !data.addPeriod else {
      throw Failure.usage(
        "data.add_period puts a full stop right after a caption's last word, and the vocabulary in \(directory) is of words "
          + "that stand apart; set it to false.")
    }
    guard data.endToken || tokenizer.encode(".") != [unknown] else {
      throw Failure.usage(
        "data.end_token is false, so that a full stop ends captions, but the vocabulary in \(directory) has no word “.”; "
          + "set it to true.")
    }
  }

  private func requireFit(normalizing: Bool) throws {
    guard let held = validationStores.first else { return }
    let (learned, found) = (EmbeddingSpec(of: stores[0]), EmbeddingSpec(of: held))
    guard found.fits(learned, normalizing: normalizing) else {
      throw Failure.badData(
        "\(held.path) has embeddings of \(found), but \(stores[0].path) has embeddings of "
          + "\(learned); import both in the same way.")
    }
  }
}
