import Tensors

/// All parameters in one flat buffer: the trainable ones first, in the order in which backward finishes their gradients,
/// then the frozen.
///
/// Gradients have a buffer of their own with the same offsets, so that a bucket of a reduction, a shard of the
/// optimizer and a range of a checkpoint are all ranges of one buffer. Every parameter starts at a multiple of 16
/// floats; the gaps are zero and stay zero.
public final class ParameterArena {
  /// In arena order.
  public let parameters: [Parameter]
  /// Where each parameter starts, in arena order.
  public let offsets: [Int]
  /// Floats of the trainable part, gaps included.
  public let trainableCount: Int
  /// [1, all floats]
  public let values: Matrix
  /// Of all weights of products in bfloat16, the packed forms. [1, all floats]
  public let packedValues: Matrix
  /// [1, trainableCount]
  public var gradients: Matrix { gradientBuffers.own }
  /// The gradients of all ranks of this node.
  public let gradientBuffers: PerRankBuffers
  /// Where whatever else belongs to the parameters, such as moments, has its buffers.
  public let memory: any FlatBufferAllocator
  /// The trainable part, cut for updates; in the order of the buffer.
  public let blocks: [UpdateBlock]

  /// - Parameters:
  ///   - parameters: in order of their first use as a weight in a forward pass, with which backward ends; what is looked up
  ///     alone, last.
  ///   - isTrainable: whether a parameter gets a gradient; a buffer has none.
  ///   - memory: where the buffers are; nil: in the backend's pool.
  public init(
    _ parameters: [Parameter], isTrainable: (Parameter) -> Bool, in memory: (any FlatBufferAllocator)? = nil,
    on backend: Backend
  ) {
    let trainable = parameters.filter { !$0.isBuffer && isTrainable($0) }
    self.parameters = trainable.reversed() + parameters.filter { $0.isBuffer || !isTrainable($0) }
    var offsets: [Int] = []
    var end = 0
    var trainableEnd = 0
    for (index, parameter) in self.parameters.enumerated() {
      offsets.append(end)
      end += parameter.count.padded(to: 16)
      if index < trainable.count { trainableEnd = end }
    }
    self.offsets = offsets
    trainableCount = trainableEnd
    blocks = zip(self.parameters.prefix(trainable.count), offsets).flatMap(UpdateBlock.blocks)
    let memory: any FlatBufferAllocator = memory ?? backend.memory
    let factors = backend.precision == .bfloat16 ? self.parameters.filter(\.isMatmulWeight) : []
    let packedCounts = factors.map { PackedWeight.count(rows: $0.rows, columns: $0.columns) }
    let packedCount = packedCounts.reduce(0, +)
    // Values and both moments, and what products in bfloat16 take.
    memory.reserve(shared: end + 2 * trainableEnd + packedCount, ranked: trainableEnd)
    self.memory = memory
    values = memory.sharedBuffer(end)
    packedValues = memory.sharedBuffer(packedCount)
    var packedEnd = 0
    for (parameter, count) in zip(factors, packedCounts) {
      parameter.packed = PackedWeight(
        rows: parameter.rows, columns: parameter.columns, in: packedValues.slice(packedEnd, count: count))
      packedEnd += count
    }
    gradientBuffers = memory.perRankBuffers(trainableEnd)
    for (index, parameter) in self.parameters.enumerated() {
      let (rows, columns) = (parameter.rows, parameter.columns)
      parameter.value = values.slice(offsets[index], count: parameter.count).reshaped(
        rows: rows, columns: columns)
      parameter.gradient =
        index < trainable.count
        ? gradients.slice(offsets[index], count: parameter.count).reshaped(rows: rows, columns: columns) : nil
    }
  }

  public var trainableParameters: ArraySlice<Parameter> { parameters.prefix { $0.gradient != nil } }

  /// Tells in which block each row of a trainable table stands; nil for a frozen one.
  public func blockOfRow(in table: Parameter) -> ((Int32) -> Int)? {
    guard let first = blocks.firstIndex(where: { $0.parameter === table }) else { return nil }
    let height = blocks[first].rows.count
    return { first + Int($0) / height }
  }

  /// Refreshes all packed forms: after the values were drawn or read.
  public func pack(on backend: Backend) {
    let rowsOfTask = 32
    for parameter in parameters where parameter.packed != nil {
      backend.pool.parallel((parameter.rows + rowsOfTask - 1) / rowsOfTask) { task in
        let first = task * rowsOfTask
        parameter.pack(rows: first..<min(parameter.rows, first + rowsOfTask), on: backend)
      }
    }
  }

  /// Draws every parameter's first values from a stream named after it, so that they depend on the seed and the
  /// name alone.
  public func initialize(seed: UInt64) {
    for parameter in parameters { parameter.initialize(seed: seed) }
  }
}

extension Parameter {
  /// Draws the values from the stream of (seed, name).
  public func initialize(seed: UInt64) {
    var random = Philox(seed: seed, stream: "initialization", name)
    switch initialization {
    case .zeros: value.fill(0)
    case .ones: value.fill(1)
    case .normal(let deviation):
      for i in 0..<count { value.pointer[i] = Float(deviation * random.normal()) }
    case .uniform(let bound):
      for i in 0..<count { value.pointer[i] = Float(bound * (2 * random.uniform() - 1)) }
    }
  }
}
