import Collectives
import Essentials
import Models
import Tensors
import Text

/// What a run learns from and is measured on, read and checked.
struct TrainingData {
  let tokenizer: Tokenizer
  let languageModel: GPT2Configuration
  /// What the run starts from; nil: a language model, or random weights.
  let start: ModelSource?
  let corpus: CaptionCorpus
  /// The captions of the validation; nil where there is none.
  let heldCorpus: CaptionCorpus?
  let stepsPerEpoch: Int
  let totalSteps: Int

  init(_ configuration: Configuration, communicator: Communicator, on backend: Backend) throws {
    try Self.checkPartition(configuration, ranks: communicator.size)
    start = try configuration.model.startFrom.map(ModelSource.init)
    tokenizer = try Tokenizer(
      directory: configuration.data.tokenizer ?? start?.tokenizerDirectory
        ?? configuration.model.languageModel.directory ?? "")
    languageModel =
      try start?.description.sizes.languageModel ?? configuration.languageModelSize(for: tokenizer)
    let rules = configuration.captionRules(languageModel)
    corpus = try CaptionCorpus(
      configuration.data.train, key: "data.train", tokenizer: tokenizer, rules: rules, on: backend)
    let held = configuration.data.validation
    heldCorpus =
      held.files.isEmpty
      ? nil : try CaptionCorpus(held, key: "data.validation", tokenizer: tokenizer, rules: rules, on: backend)
    try start?.requireStart(of: configuration, tokenizer, corpus.stores)
    try Self.checkStores(
      corpus, heldCorpus, normalizing: configuration.model.normalizeEmbeddings, communicator)
    let batchSize = configuration.train.batchSize
    stepsPerEpoch = corpus.count / batchSize
    guard stepsPerEpoch > 0 else {
      throw Failure.usage(
        "train.batch_size is \(batchSize), but the training split has only \(corpus.count) captions; make it smaller."
      )
    }
    totalSteps = configuration.train.steps ?? (configuration.train.epochs ?? 1) * stepsPerEpoch
  }

  static func checkPartition(_ configuration: Configuration, ranks: Int) throws {
    let train = configuration.train
    guard train.batchSize % ranks == 0 else {
      throw Failure.usage(
        "train.batch_size is \(train.batchSize), which \(ranks) ranks cannot share evenly; make it a multiple of \(ranks)."
      )
    }
    guard ranks <= train.lanes else {
      throw Failure.usage(
        "There are \(ranks) ranks, but train.lanes is \(train.lanes), the most that can share a batch; start fewer "
          + "ranks or set train.lanes higher (which makes another run of it).")
    }
    guard train.accumulate == 1 || train.lanes % (ranks * train.accumulate) == 0 else {
      throw Failure.usage(
        "train.accumulate is \(train.accumulate), but each of \(ranks) ranks hosts \(train.lanes / ranks) lanes to be "
          + "divided by it; make it smaller or train.lanes larger.")
    }
  }

  private static func checkStores(
    _ training: CaptionCorpus, _ held: CaptionCorpus?, normalizing: Bool, _ communicator: Communicator
  ) throws {
    let learnt = EmbeddingKind(of: training.stores[0])
    if let held {
      let found = EmbeddingKind(of: held.stores[0])
      guard found.fits(learnt, normalizing: normalizing) else {
        throw Failure.badData(
          "\(held.stores[0].path) has embeddings of \(found), but \(training.stores[0].path) has embeddings of "
            + "\(learnt); import both in the same way.")
      }
    }
    // Reading everything once is enough for all ranks.
    guard communicator.isRoot else { return }
    for store in training.stores { try store.requireFinite() }
    let known = Set(training.stores.map(\.path))
    for store in held?.stores ?? [] where !known.contains(store.path) { try store.requireFinite() }
  }
}
