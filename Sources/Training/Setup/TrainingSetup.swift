import Autograd
import Batching
import Collectives
import Configuration
import Datasets
import FileFormats
import Foundation
import Logging
import Models
import Optimization
import Runs
import Support
import Tensors
import Text

/// Everything a run needs before its first step, checked.
struct TrainingSetup {
  /// With the sizes that the language model has.
  let configuration: Configuration
  let directory: RunDirectory
  let tokenizer: any Tokenizer
  let model: any ModelConfiguration
  let built: ModelWithArena
  let memory: SharedNodeMemory
  let optimizer: AdamW
  let training: BatchBuilder
  let validation: BatchBuilder?
  let stepsPerEpoch: Int
  let totalSteps: Int
  let state: RunState
  /// How the run has ended; nil where something is left to do.
  let ending: RunEnding?
  /// What has led to the state, and this start.
  private let history: ConfigurationHistory
  /// What a user should know before it starts.
  private var notes: [(Logger.Level, String)]

  init(
    _ configuration: Configuration, resume: ResumePolicy, warnings: [String] = [], communicator: Communicator,
    on backend: Backend
  ) throws {
    let plan = try TrainingPlan(configuration, communicator: communicator, on: backend)
    let (configuration, data) = (plan.configuration, plan.data)
    (self.configuration, directory) = (configuration, plan.directory)
    (tokenizer, model) = (data.tokenizer, data.model)
    (stepsPerEpoch, totalSteps) = (data.stepsPerEpoch, data.totalSteps)
    let (corpus, validationCorpus) = (data.corpus, data.validationCorpus)

    // Memory is shared among ranks, so all come here or none.
    let memory = SharedNodeMemory(communicator)
    self.memory = memory
    let built = try communicator.agree {
      try RunSignals.requireNoStop()
      try configuration.requireMemory(
        for: data, ranks: communicator.size, ranksPerNode: memory.grid.ranksPerNode, on: backend)
      return configuration.buildModel(
        data.model, startToken: data.tokenizer.endOfText, in: memory, on: backend)
    }
    self.built = built
    let optimizer = AdamW(
      configuration.optimizer.adamW, arena: built.arena, group: configuration.optimizer.group, on: backend)
    self.optimizer = optimizer
    training = BatchBuilder(corpus, configuration, communicator: communicator, on: backend)
    validation = validationCorpus.map {
      BatchBuilder($0, configuration, communicator: communicator, on: backend)
    }

    let initialize = {
      built.arena.initialize(seed: UInt64(configuration.run.seed))
      try Self.loadInitialWeights(built.model, configuration, data.start)
    }
    let restoration = try ResumePlan(resume, of: directory, communicator, verifying: memory.isLeader) {
      try plan.requireContinuation(of: $0, memory.grid)
      if memory.isLeader { try $0.restore(built.arena, optimizer, initialize: initialize) }
    }
    try communicator.agree {
      try RunSignals.requireNoStop()
      guard memory.isLeader else { return }
      if restoration.checkpoint == nil { try initialize() }
      built.arena.pack(on: backend)
    }
    let identity = plan.identity(memory.grid)
    var state = restoration.checkpoint?.state.with(identity) ?? RunState(identity: identity)
    ending = plan.ending(at: state)
    state.isFinished = ending == .stoppedEarly
    self.state = state
    var history = restoration.checkpoint.map(plan.history) ?? ConfigurationHistory(of: directory, upTo: 0)
    history.append(configuration, fromStep: state.step)
    self.history = history
    notes = restoration.notes
    if ending == nil {
      notes += restoration.checkpoint.map(plan.changes) ?? []
      notes += configuration.warnings(totalSteps: totalSteps).map { (.warning, $0) }
    }
    notes += warnings.map { (.warning, $0) }
    notes += data.warnings.map { (.warning, $0) }
    if let warning = memory.warning { notes.append((.warning, warning)) }
    if data.start == nil { notes += configuration.model.section.notes(on: data.model).map { (.info, $0) } }
    if plan.roundsGradients(memory.grid), !memory.grid.isDivisible {
      let sentence =
        "Gradients travel in float32, though train.gradient_reduce_dtype is bfloat16: \(memory.grid.nodes) nodes are no "
        + "power of two."
      notes.append((.warning, sentence))
    }
    for (name, corpus) in [("training", corpus), ("validation", validationCorpus)] {
      guard let corpus else { continue }
      if let sentence = corpus.cut(name) { notes.append((.warning, sentence)) }
      if corpus.empty > 0 {
        notes.append((.warning, "\(corpus.empty) \(name) captions are empty and were left out."))
      }
    }
    if configuration.train.lanes % communicator.size != 0 {
      let sentence =
        "\(communicator.size) ranks do not divide \(configuration.train.lanes) lanes evenly: this run's results are its "
        + "own, not those of another number of ranks."
      notes.append((.warning, sentence))
    }
  }

  /// What is said at the start.
  func summary(_ communicator: Communicator, _ backend: Backend) -> [(Logger.Level, String)] {
    func millions(_ count: Int) -> String {
      count < 100_000 ? counted(count, "parameter") : String(format: "%.2f M parameters", Double(count) / 1e6)
    }
    func size(_ parameters: [Parameter]) -> String {
      let (all, trained) = (parameters.reduce(0) { $0 + $1.count }, parameters.trainedCount)
      let part = trained == 0 ? "frozen" : trained == all ? "trained" : "\(millions(trained)) of them trained"
      return "\(millions(all)), \(part)"
    }
    // Products in bfloat16 are our own.
    let usesBLAS = backend.precision == .float32
    let parts = configuration.model.section.parts(of: built.model).map { part in
      "\(part.name): \(part.description); \(size(part.parameters)), "
        + ((configuration.model.initialModel ?? part.source).map { "from \($0)" } ?? "random at first")
    }
    let facts =
      [
        "\(counted(communicator.size, "rank")) × \(counted(backend.pool.threads, "thread")), "
          + "products in \(backend.precision.rawValue), "
          + "kernels \(backend.instructionSet)" + (usesBLAS ? ", BLAS core \(BLASCore.inUse)" : "")
      ] + parts + [
        "training data: \(data(training, configuration.data.train)), \(stepsPerEpoch) steps an epoch, \(totalSteps) in all"
      ] + (validation.map { ["validation data: \(data($0, configuration.data.validation))"] } ?? []) + [
        "writing to \(directory.path)"
      ]
    return facts.map { (.info, $0) } + notes
  }

  private func data(_ builder: BatchBuilder, _ section: SplitSection) -> String {
    let embeddings =
      configuration.model.section.seesImages
      ? ", embeddings of \(EmbeddingSpec(of: builder.corpus.stores[0]))" : ""
    return "\(counted(builder.corpus.count, "caption")) of the split \(section.split) of "
      + "\(section.files.joined(separator: ", "))\(embeddings)"
  }

  private static func loadInitialWeights(
    _ model: any CaptionModel, _ configuration: Configuration, _ start: StoredModel?
  ) throws {
    guard let start else { return try configuration.model.section.loadPretrainedWeights(into: model) }
    try start.weights().load(
      into: model.parameters, advice: "the files of the model do not belong together, so import it again")
  }

  /// Writes what a run directory holds besides checkpoints: on rank 0, when all ranks have read what they need.
  /// - Returns: what the checkpoints are to say of the frozen parameters; nil where there are none.
  func prepareDirectory() throws -> Manifest.Entry? {
    try directory.create()
    for place in [directory.path, directory.tokenizer, directory.incidents] {
      DurableFile.removeStaleTemporaries(in: place)
    }
    try CheckpointFolder(path: directory.checkpoints).rewind(to: state)
    try tokenizer.save(to: directory.tokenizer)
    let frozen = try writeFrozenParameters()
    try history.write(to: directory)
    // The configuration comes last: it is what makes the folder a run.
    try DurableFile.write(Data(configuration.yaml().utf8), to: directory.configuration)
    return frozen
  }

  /// Points the links of a run that has ended where a kill may have kept them from leading; all else stays as it is.
  func setLinks() throws {
    let folder = CheckpointFolder(path: directory.checkpoints)
    if folder.steps.last == state.step { try folder.setLinks(to: state) }
  }

  private func writeFrozenParameters() throws -> Manifest.Entry? {
    let frozen = built.arena.parameters.filter { $0.gradient == nil }
    guard !frozen.isEmpty else { return nil }
    // A run that starts anew may have found another's remains.
    if state.step == 0 || FileKind(directory.frozenParameters) == nil {
      try DurableFile.write(to: directory.frozenParameters) { path in
        try SafetensorsFile.write(
          frozen.map { ArrayEntry(name: $0.name, shape: $0.shape, floats: $0.value.buffer) },
          metadata: ["format": "pt"],
          to: path)
      }
    }
    return try Manifest.Entry(of: directory.frozenParameters)
  }
}

extension [Parameter] {
  fileprivate var trainedCount: Int { reduce(0) { $0 + ($1.gradient == nil ? 0 : $1.count) } }
}
