import Tensors

/// What a model learns or is given, such as a weight: a name, a shape, and views of the arena that holds it.
public final class Parameter: @unchecked Sendable {
  /// The name in the state dicts of ClipCap and Hugging Face, for example `gpt.transformer.h.0.ln_1.weight`.
  public let name: String
  public let shape: [Int]
  public let initialization: Initialization
  /// [shape[0], all others], or [1, shape[0]] for a vector. Set by the ``ParameterArena``.
  public internal(set) var value: Matrix
  /// The same shape as `value`; nil when the parameter is frozen.
  public internal(set) var gradient: Matrix?

  /// Whether it is a factor of matrix products, so that bfloat16 keeps packed forms of it.
  public let isMatmulWeight: Bool
  /// Whether it is no parameter but a buffer, such as the statistics of a batch-norm: loaded and saved with the others,
  /// never trained.
  public let isBuffer: Bool
  /// Those forms, in bfloat16; they follow `value` only when ``pack(rows:on:)`` is called.
  public internal(set) var packed: PackedWeight?

  public init(
    _ name: String, shape: [Int], _ initialization: Initialization, isMatmulWeight: Bool = false,
    isBuffer: Bool = false
  ) {
    precondition(!shape.isEmpty && !shape.contains(0), "parameters have elements")
    self.name = name
    self.shape = shape
    self.initialization = initialization
    self.isMatmulWeight = isMatmulWeight
    self.isBuffer = isBuffer
    value = Matrix(rows: 0, columns: 0, in: Self.emptyPool)
  }

  /// Refreshes the packed forms, where there are any, after rows of `value` have changed.
  /// - Parameter rows: the first is a multiple of 32.
  public func pack(rows: Range<Int>, on backend: Backend) { packed?.pack(value, rows: rows, on: backend) }

  public var count: Int { shape.reduce(1, *) }
  /// Of `value`, also before there is any.
  public var rows: Int { shape.count == 1 ? 1 : shape[0] }
  public var columns: Int { count / rows }

  /// Where the empty matrices of parameters without an arena live.
  private static let emptyPool = MemoryPool()
}

/// How a parameter's values start.
public enum Initialization: Sendable {
  case zeros
  case ones
  case normal(deviation: Double)
  /// Uniform in ±bound.
  case uniform(bound: Double)

  /// `torch.nn.Linear`'s default for weight and bias (He et al. 2015 with a = √5).
  public static func linear(inputs: Int) -> Initialization {
    .uniform(bound: 1 / Double(inputs).squareRoot())
  }

  /// Glorot's and Bengio's uniform rule (2010, section 4.2.1), `torch.nn.init.xavier_uniform_`.
  public static func xavier(inputs: Int, outputs: Int) -> Initialization {
    .uniform(bound: (6 / Double(inputs + outputs)).squareRoot())
  }
}
