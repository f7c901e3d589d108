import Batching
import Collectives
import Configuration
import Datasets
import Models
import Runs
import Support
import Tensors
import Text

/// What a run learns from and is measured on, read and checked.
struct TrainingData {
  let tokenizer: any Tokenizer
  let model: any ModelConfiguration
  /// What the run starts from; nil: a language model, or random weights.
  let start: StoredModel?
  let corpus: CaptionCorpus
  /// The captions of the validation; nil where there is none.
  let validationCorpus: CaptionCorpus?
  /// On the rank that has looked.
  let warnings: [String]
  let stepsPerEpoch: Int
  let totalSteps: Int

  /// To be called by all ranks together.
  /// - Throws: `Failure`, the same on all ranks.
  init(_ configuration: Configuration, communicator: Communicator, on backend: Backend) throws {
    let files = try communicator.agree {
      try Self.checkPartition(configuration, ranks: communicator.size)
      try configuration.requirePlausible()
      let files = try TrainingFiles(configuration, checking: communicator.isRoot)
      _ = try configuration.model.section.having(files.model, from: configuration.model.initialModel)
      return files
    }
    (tokenizer, model, start) = (files.tokenizer, files.model, files.start)
    warnings = files.warnings
    let rules = configuration.captionRules(for: model)
    corpus = try CaptionCorpus(
      configuration.data.train, of: files.stores, key: "data.train", tokenizer: tokenizer, rules: rules,
      communicator: communicator, on: backend)
    validationCorpus =
      files.validationStores.isEmpty
      ? nil
      : try CaptionCorpus(
        configuration.data.validation, of: files.validationStores, key: "data.validation",
        tokenizer: tokenizer,
        rules: rules, communicator: communicator, on: backend)
    let batchSize = configuration.train.batchSize
    let captions = corpus.count
    stepsPerEpoch = captions / batchSize
    try communicator.agree {
      guard batchSize <= captions else {
        throw Failure.usage(
          "train.batch_size is \(batchSize), but the training split has only \(captions) captions; make it smaller."
        )
      }
    }
    totalSteps = configuration.train.totalSteps(perEpoch: stepsPerEpoch)
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
    guard train.accumulationSteps == 1 || train.lanes % (ranks * train.accumulationSteps) == 0 else {
      throw Failure.usage(
        "train.accumulation_steps is \(train.accumulationSteps), but each of \(ranks) ranks hosts \(train.lanes / ranks) lanes to be "
          + "divided by it; make it smaller or train.lanes larger.")
    }
  }
}
