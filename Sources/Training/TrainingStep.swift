import Autograd
import Collectives
import Essentials
import Models
import Optimization
import Tensors

/// One optimizer step on all ranks together: this rank's lanes forward and backward, the tree over ranks, the norm, and
/// the update of what this rank owns.
public struct TrainingStep {
  let reduction: LineReduction
  private let model: ClipCap
  private let arena: ParameterArena
  /// In which the values of each block travel between nodes.
  private let precisions: [Precision]
  private let optimizer: AdamW
  private let gradients: GradientPass
  private let communicator: Communicator
  private let timeline: Timeline
  private let coreWaits = CoreWaits()
  private let backend: Backend

  /// What the ranks know of a step before they update.
  public struct Gradients {
    /// Every lane's loss, of all ranks.
    public let losses: [Double]
    public let norm: Double
    /// The greatest of what the ranks are asked for.
    public let request: RunRequest
    /// By rank, what it did since the gradients before.
    let works: [Pace.Work]

    /// The mean over the tokens of the global batch.
    func loss(of step: StepSequence.Step) -> Double { losses.laneSum() / Double(max(1, step.tokens)) }
  }

  /// - Parameters:
  ///   - memory: where the model's lines are.
  ///   - gradientTransport: in which gradients travel between nodes.
  public init(
    _ built: BuiltModel, _ optimizer: AdamW, in memory: NodeMemory, checkpointsActivations: Bool = false,
    gradientTransport: Precision = .float32, communicator: Communicator, timeline: Timeline = Timeline(),
    on backend: Backend
  ) {
    model = built.model
    arena = built.arena
    precisions = arena.blocks.map(\.precision)
    self.optimizer = optimizer
    self.communicator = communicator
    self.timeline = timeline
    self.backend = backend
    reduction = LineReduction(
      arena.blocks.map(\.range), of: arena.gradientLines, in: memory, transport: gradientTransport,
      communicator: communicator, timeline: timeline, on: backend)
    gradients = GradientPass(
      model: built.model, arena: arena, checkpointsActivations: checkpointsActivations,
      reduction: reduction, timeline: timeline, backend: backend)
  }

  /// Leaves each rank with the sums of the gradients that it owns.
  /// - Parameters:
  ///   - batches: this rank's lanes, in one or several portions.
  ///   - request: what this rank is asked for, looked at as late as can be.
  public func gradients(
    of batches: [CaptionBatch], dropout: DropoutKey, request: () -> RunRequest = { .goOn }
  ) -> Gradients {
    shareRows(of: batches)
    let (losses, rows) = gradients.run(batches, dropout: dropout)
    reduction.finish()
    timeline.measure(.reduction) {
      communicator.addRowGradients(rows, to: model.languageModel.tokens, in: arena, reduction, on: backend)
    }
    let work = Pace.Work.values(timeline, coreWaits)
    return timeline.measure(.waiting) {
      let gathered = communicator.allGather([Double(request().rawValue)] + work + losses)
      return Gradients(
        losses: gathered.flatMap { $0.dropFirst(1 + work.count) }, norm: reduction.norm(),
        request: gathered.compactMap { RunRequest(rawValue: Int($0[0])) }.max() ?? .goOn,
        works: gathered.map { Pace.Work(Array($0[1...work.count])) })
    }
  }

  /// Updates the parameters and hands them to all ranks.
  /// - Parameters:
  ///   - step: counts from 1.
  ///   - gradientScale, clipValue: see ``AdamW/update(_:step:learningRate:gradientScale:clipValue:)``.
  public func update(step: Int, learningRate: Double, gradientScale: Double, clipValue: Double? = nil) {
    timeline.measure(.optimizer) {
      reduction.exchangeBlocks(of: arena.values, as: precisions) { owned in
        optimizer.update(
          owned.map { arena.blocks[$0] }, step: step, learningRate: learningRate,
          gradientScale: gradientScale, clipValue: clipValue)
      } arrived: {
        arena.blocks[$0].valuesHaveChanged(on: backend)
      }
    }
    timeline.measure(.waiting) { reduction.endUpdate() }
  }

  /// Updates the parameters as the verdict on a step has it.
  func update(
    _ step: StepSequence.Step, norm: Double, _ verdict: StepVerdict, _ numerics: NumericsState,
    clipping section: TrainSection
  ) {
    guard verdict.updates else { return }
    update(
      // A step that was skipped has no part in the moments.
      step: step.number - numerics.skipped, learningRate: step.learningRate,
      gradientScale: clippingScale(norm: norm, limit: section.clipNorm), clipValue: section.clipValue)
  }

  /// The parameters whose gradients of the last step are not finite, by name, in the order of the arena.
  var nonFiniteGradients: [String] {
    var names: [String] = []
    for block in reduction.nonFiniteBlocks where names.last != arena.blocks[block].parameter.name {
      names.append(arena.blocks[block].parameter.name)
    }
    return names
  }

  /// Brings the exact values of all parameters to all nodes, which between steps have factors of products rounded to
  /// bfloat16: before anything but a step looks at them.
  public func shareValues() {
    guard isRounding else { return }
    timeline.measure(.waiting) {
      reduction.exchangeBlocks(of: arena.values)
      reduction.endUpdate()
    }
  }

  /// Whether this node has other nodes' values in bfloat16.
  private var isRounding: Bool { reduction.exchangesBlocks && precisions.contains(.bfloat16) }

  /// Brings the values of the tokens that are looked up to all nodes.
  private func shareRows(of batches: [CaptionBatch]) {
    guard isRounding else { return }
    let ids = batches.flatMap { $0.captions.joined() } + [model.startToken]
    timeline.measure(.waiting) {
      communicator.shareRows(ids, of: model.languageModel.tokens, in: arena, reduction)
    }
  }
}
