import CKernels
import Tensors

/// Records operations as they run forward and runs their gradients in reverse order.
///
/// Each operation is a method in `Operations/`, its forward beside its backward. A tape serves one pass.
public final class Tape {
  public let backend: Backend
  /// False for evaluation and captioning: nothing is kept for a backward.
  public let isRecording: Bool
  /// Whether ``checkpointed(_:_:)`` trades time for memory.
  let checkpointsActivations: Bool
  /// Columns of a product that one task computes, whatever the number of threads: the bits of a product may depend on
  /// it.
  let columnBlock: Int
  private let dropoutKey: DropoutKey?
  var dropoutSites: UInt32 = 0
  var backwardSteps: [(run: () -> Void, uses: [ParameterGradient])] = []
  /// Of the trainable parameters that operations use.
  private var parameterGradients: [ObjectIdentifier: ParameterGradient] = [:]
  /// Contributions to gradients of single rows of embedding tables, as backward comes to them.
  private var rowGradients: [SparseGradient] = []
  private var isRepeating = false
  /// Called during ``backward()`` with the parameters whose gradients in the arena have become final, mostly none.
  public var afterBackwardStep: ((_ finished: [Parameter]) -> Void)?

  /// - Parameters:
  ///   - dropout: what dropout draws by; nil turns dropout off.
  ///   - checkpointingActivations: whether parts of the model that say so keep their input alone and are run again in
  ///     backward.
  ///   - columnBlock: columns of a product that one task computes; fewer than 1024, at which the BLAS is at its full
  ///     speed, give all threads something to do where there are few rows.
  public init(
    on backend: Backend, recording: Bool = true, dropout: DropoutKey? = nil,
    checkpointingActivations: Bool = false, columnBlock: Int = 1024
  ) {
    self.backend = backend
    isRecording = recording
    checkpointsActivations = checkpointingActivations
    dropoutKey = dropout
    self.columnBlock = columnBlock
  }

  /// Runs the gradients of all recorded operations, last first.
  /// - Parameter parameters: that get a gradient too where no operation uses them: zeros.
  public func backward(covering parameters: ArraySlice<Parameter> = []) {
    for parameter in parameters { _ = gradient(of: parameter) }
    // Zeros for these, among which are tables that are looked up and are no weights.
    finish(parameterGradients.values.filter { $0.usesLeft == 0 })
    while let step = backwardSteps.popLast() {
      step.run()
      let finished = step.uses.filter { $0.endUse() }
      afterBackwardStep?(finished.map(\.parameter))
    }
    // Of checkpointed parts that the loss does not depend on, which have not run again.
    finish(parameterGradients.values.filter { $0.usesLeft > 0 })
  }

  private func finish(_ gradients: [ParameterGradient]) {
    for gradient in gradients { gradient.finish() }
    afterBackwardStep?(gradients.map(\.parameter))
  }

  /// After backward, the contributions to gradients of single rows of embedding tables, in the order of the batch: by
  /// lanes, and in a lane as backward has come to them. They are kept apart from the arena, for added on each rank they
  /// would make the sum depend on the number of ranks; with them the gradient in the arena becomes the whole.
  public var sparseGradients: [SparseGradient] {
    let lanes = Set(rowGradients.map(\.lane)).sorted()
    return lanes.flatMap { lane in rowGradients.filter { $0.lane == lane } }
  }

  /// The result of an operation whose inputs need a gradient or not.
  func variable(_ value: Matrix, _ packing: Packing, requiresGradient: Bool) -> Variable {
    Variable(value, packing: packing, requiresGradient: requiresGradient && isRecording)
  }

  /// To which an operation contributes that uses a parameter, and of which ``record(_:contributingTo:_:)`` counts the
  /// use; nil where none is needed.
  func gradient(of parameter: Parameter) -> ParameterGradient? {
    guard isRecording, let matrix = parameter.gradient else { return nil }
    let key = ObjectIdentifier(parameter)
    if let known = parameterGradients[key] { return known }
    let gradient = ParameterGradient(of: parameter, matrix, on: backend)
    parameterGradients[key] = gradient
    return gradient
  }

  /// Records how the gradient of `output` flows on. Does nothing when it need not.
  /// - Parameter parameters: the gradients to which the step contributes, nil for those of frozen parameters.
  func record(
    _ output: Variable, contributingTo parameters: [ParameterGradient?] = [],
    _ backward: @escaping (_ gradient: Matrix) -> Void
  ) {
    record(output.gradientSum, contributingTo: parameters) { [backend] gradient in
      backward(gradient.matrix(on: backend))
    }
  }

  /// The same for an output whose gradient may come rounded.
  /// - Parameter sum: what gathers the output's gradient; nil where none is needed.
  func record(
    _ sum: GradientAccumulator?, contributingTo parameters: [ParameterGradient?],
    _ backward: @escaping (_ gradient: BatchElements) -> Void
  ) {
    guard let sum else { return }
    record(contributingTo: parameters) {
      if let gradient = sum.take() { backward(gradient) }
    }
  }

  /// Records a loss, which needs no gradient from above.
  func recordLoss(contributingTo parameters: [ParameterGradient?], _ backward: @escaping () -> Void) {
    guard isRecording else { return }
    record(contributingTo: parameters, backward)
  }

  private func record(contributingTo parameters: [ParameterGradient?], _ run: @escaping () -> Void) {
    let uses = parameters.compactMap { $0 }
    if !isRepeating { for use in uses { use.beginUse() } }
    backwardSteps.append((run, uses))
  }

  /// Runs a part of the forward pass again, in backward: its uses of parameters have been counted the first time.
  func repeating<Result>(_ part: () -> Result) -> Result {
    isRepeating = true
    defer { isRepeating = false }
    return part()
  }

  func add(_ gradient: SparseGradient) { rowGradients.append(gradient) }

  /// What the next dropout site of this pass draws by, for the sample to be filled in; nil where none applies.
  func nextDropout(_ probability: Float) -> capstan_dropout? {
    guard let key = dropoutKey, probability > 0 else { return nil }
    defer { dropoutSites += 1 }
    return capstan_dropout(
      seed: key.seed, step: key.step, sample: 0, site: dropoutSites, probability: probability)
  }
}

/// Dropout's masks are a pure function of this, the sample's place in the batch, and the site in the model.
public struct DropoutKey: Sendable {
  public let seed: UInt64
  public let step: UInt32

  public init(seed: UInt64, step: UInt32) {
    self.seed = seed
    self.step = step
  }
}
