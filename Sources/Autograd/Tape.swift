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
  /// Contributions to gradients of single rows of embedding tables, in the order of the batch. They are kept apart
  /// from the arena because adding them per rank would make the sum depend on the number of ranks.
  public private(set) var sparseGradients: [SparseGradient] = []
  /// Columns of a product that one task computes, whatever the number of threads: the bits of a product may depend on
  /// it.
  let columnBlock: Int
  private let dropoutKey: DropoutKey?
  var dropoutSites: UInt32 = 0
  var backwardSteps: [(run: () -> Void, parameters: [Parameter])] = []
  /// The trainable parameters whose gradients a recorded step writes.
  private var written: Set<ObjectIdentifier> = []
  /// The trainable tables to whose gradients ``sparseGradients`` will be added.
  private var tables: [Parameter] = []
  private var isRepeating = false
  /// Called after each step of ``backward()`` with the parameters whose gradients in the arena that step has finished,
  /// mostly none.
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
  public func backward() {
    for table in tables {
      precondition(
        written.contains(ObjectIdentifier(table)),
        "rows are added to the gradient of “\(table.name)”, which no operation on this tape fills: embed a table that "
          + "the head is tied to, or freeze it")
    }
    while let step = backwardSteps.popLast() {
      step.run()
      afterBackwardStep?(step.parameters)
    }
  }

  /// The result of an operation whose inputs need a gradient or not.
  func variable(_ value: Matrix, _ packing: Packing, requiresGradient: Bool) -> Variable {
    Variable(value, packing: packing, requiresGradient: requiresGradient && isRecording)
  }

  /// Records how the gradient of `output` flows on. Does nothing when it need not.
  /// - Parameters:
  ///   - parameters: those whose gradients the step writes: all of each, so that one operation of a tape alone may use
  ///     a trainable parameter.
  ///   - table: to whose gradient the step's ``sparseGradients`` will be added, which another step must write.
  func record(
    _ output: Variable, writing parameters: [Parameter] = [], addingRowsTo table: Parameter? = nil,
    _ backward: @escaping (_ gradient: Matrix) -> Void
  ) {
    record(output.gradientSum, writing: parameters, addingRowsTo: table) { [backend] gradient in
      backward(gradient.matrix(on: backend))
    }
  }

  /// The same for an output whose gradient may come rounded.
  /// - Parameter sum: what gathers the output's gradient; nil where none is needed.
  func record(
    _ sum: GradientAccumulator?, writing parameters: [Parameter], addingRowsTo table: Parameter? = nil,
    _ backward: @escaping (_ gradient: BatchElements) -> Void
  ) {
    guard let sum else { return }
    noteWriting(parameters)
    if let table, table.gradient != nil { tables.append(table) }
    let run = {
      if let gradient = sum.take() { backward(gradient) }
    }
    backwardSteps.append((run, parameters))
  }

  /// Records a step that ends the tape: a loss, which needs no gradient from above.
  func recordLoss(writing parameters: [Parameter], _ backward: @escaping () -> Void) {
    guard isRecording else { return }
    noteWriting(parameters)
    backwardSteps.append((backward, parameters))
  }

  /// Runs a part of the forward pass again, in backward: what it writes has been noted the first time.
  func repeating<Result>(_ part: () -> Result) -> Result {
    isRepeating = true
    defer { isRepeating = false }
    return part()
  }

  private func noteWriting(_ parameters: [Parameter]) {
    guard !isRepeating else { return }
    for parameter in parameters where parameter.gradient != nil {
      precondition(
        written.insert(ObjectIdentifier(parameter)).inserted,
        "two operations on one tape use “\(parameter.name)”, and each would overwrite the other's gradient of it"
      )
    }
  }

  func reduceSparseGradients(_ gradients: SparseGradient) { sparseGradients.append(gradients) }

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

/// Gradients of single rows of a table, in the order of the batch: row `ids[i]` of `table` gets row i of `rows`.
public struct SparseGradient {
  public let table: Parameter
  public let ids: [Int32]
  /// [ids.count, width]
  public let rows: Matrix
}
