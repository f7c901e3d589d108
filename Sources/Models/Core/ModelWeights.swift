import Autograd
import CKernels
import FileFormats
import Support

/// The weights of a model: of a mapping network, a language model, or both, whoever wrote the files; of any other family
/// under the names of its parameters.
public struct ModelWeights: Sendable {
  /// The files.
  public let source: String
  /// Constants of old files, which follow from the sizes and are not weights.
  public let droppedMasks: Int
  /// The keys in the file that the weights were under; nil: under none.
  public let key: String?
  /// What else is in the files, by its keys.
  public let passedOver: [String]
  /// Rows of the token table that were cut off, for they are no token's.
  public private(set) var droppedRows = 0
  private var arrays: [WeightName: StoredArray]

  /// - Parameter names: of the parameters of a family that is not ClipCap's.
  /// - Throws: `Failure.badData` when a weight is no model's, comes twice, or is no matrix or vector of floating-point
  ///   numbers.
  public init(_ state: StateDict, knowing names: Set<String> = []) throws {
    source = state.path
    key = state.key
    let own = state.arrays.keys.filter { names.contains($0) && !WeightName($0).isKnown }
    let placement = try WeightPlacement(Set(state.arrays.keys).subtracting(own), source: source)
    // A single number is none of a model's weights, but a count of steps or averaged models.
    let numbers = placement.unknown.filter { state.arrays[$0]?.shape.isEmpty == true }
    let unknown = Set(placement.unknown).subtracting(numbers)
    if let first = unknown.min() {
      throw Failure.badData(
        "\(source) has \(first)\(unknown.count > 1 ? " and \(unknown.count - 1) more" : ""), which no ClipCap or language "
          + "model has; save the state dict of such a model alone.")
    }
    passedOver = state.passedOver + numbers.sorted() + placement.averages.sorted()
    var arrays: [WeightName: StoredArray] = [:]
    let places = placement.weights.merging(own.map { ($0, WeightName($0)) }) { $1 }
    for (name, weight) in places where weight != .constant {
      guard let array = state.arrays[name] else { continue }
      try Self.requireWeight(array, name, in: source)
      arrays[weight] = array
    }
    self.arrays = arrays
    droppedMasks = placement.weights.values.count { $0 == .constant }
  }

  /// The weights of both: a mapping network's with those of the language model that it was trained before.
  /// - Throws: `Failure.usage` when both have the same part.
  public init(_ weights: ModelWeights, with other: ModelWeights) throws {
    source = "\(weights.source) with \(other.source)"
    droppedMasks = weights.droppedMasks + other.droppedMasks
    key = weights.key ?? other.key
    passedOver = weights.passedOver + other.passedOver
    arrays = try weights.arrays.merging(other.arrays) { _, _ in
      throw Failure.usage(
        "\(weights.source) and \(other.source) both have a \(weights.hasLanguageModel ? "language model" : "mapping network"); "
          + "name one of them.")
    }
  }

  /// The same with a token table of no more rows than a vocabulary has tokens: programs round the table up.
  public func withTokens(_ count: Int) -> ModelWeights {
    guard let table = arrays[.tokens], table.shape[0] > count else { return self }
    var weights = self
    for name in [WeightName.tokens, .head] { weights.arrays[name] = arrays[name]?.prefix(rows: count) }
    weights.droppedRows = table.shape[0] - count
    return weights
  }

  /// Whether there is a head that is the token table, as some programs store what is tied.
  public var hasTiedHead: Bool {
    arrays[.head].map { head in arrays[.tokens].map { $0.isEqual(to: head) } == true } ?? false
  }

  public var hasMapper: Bool { arrays.keys.contains(where: \.isMapper) }
  public var hasLanguageModel: Bool { arrays.keys.contains(where: \.isLanguageModel) }

  /// The types of numbers that there are, by how many weights have them, most first.
  public var elementTypes: [ElementType] {
    let counts = Dictionary(arrays.values.map { ($0.element, $0.count) }, uniquingKeysWith: +)
    return counts.sorted { ($0.value, $0.key.rawValue) > ($1.value, $1.key.rawValue) }.map(\.key)
  }

  /// The array of a model's parameter.
  public subscript(parameter: Parameter) -> StoredArray? { self[WeightName(parameter.name)] }

  subscript(name: WeightName) -> StoredArray? { arrays[name] }

  /// The numbers of the blocks whose weights there are, of those named `prefix` and a number.
  func blocks(_ prefix: String) -> Set<Int> {
    Set(
      arrays.keys.compactMap { name in
        guard name.description.hasPrefix(prefix) else { return nil }
        return Int(name.description.dropFirst(prefix.count).prefix { $0 != "." })
      })
  }

  /// Fills parameters, each from the array of its name, and leaves no array over.
  /// - Parameter advice: what to do where weights and parameters are of two models.
  /// - Throws: `Failure.badData` when a parameter is missing, superfluous, of another shape, or not finite.
  public func load(into parameters: some Collection<Parameter>, advice: String) throws {
    try requireFit(of: parameters, advice: advice)
    for parameter in parameters { try copy(requireArray(parameter, advice), to: parameter) }
  }

  /// Fills a language model, and passes over a mapping network's weights.
  /// - Parameter resizingVocabulary: whether a token table or a head of another number of rows is taken as far as it goes;
  ///   rows that it lacks keep their values.
  /// - Throws: `Failure.badData` when a parameter is missing, of another shape, or not finite, and when there is a head that
  ///   the model has not.
  public func load(into model: any LanguageModel, resizingVocabulary: Bool) throws {
    let advice = "config.json and the weights do not belong together, so fetch or convert the model again"
    try requireHead(of: model.parameters)
    for parameter in model.parameters {
      if resizingVocabulary, parameter === model.tokens || parameter === model.head.weight,
        let table = self[parameter],
        table.shape.count == 2, table.shape[1] == parameter.shape[1]
      {
        try copy(table, to: parameter)
      } else {
        try copy(requireArray(parameter, advice), to: parameter)
      }
    }
  }

  /// - Throws: `Failure.badData` when a parameter is missing, superfluous or of another shape.
  public func requireFit(of parameters: some Collection<Parameter>, advice: String) throws {
    for parameter in parameters { _ = try requireArray(parameter, advice) }
    try requireHead(of: parameters)
    let extra = Set(arrays.keys).subtracting(parameters.map { WeightName($0.name) }).subtracting([.head])
      .map(\.description)
    if let first = extra.min() {
      throw Failure.badData(
        "\(source) has \(first)\(extra.count > 1 ? " and \(extra.count - 1) more" : ""), which the model does not have; "
          + "\(advice).")
    }
  }

  /// - Throws: `Failure.badData` when there is a head of its own, but the model's is its token table.
  private func requireHead(of parameters: some Collection<Parameter>) throws {
    guard arrays[.head] == nil || hasTiedHead || parameters.contains(where: { WeightName($0.name) == .head })
    else {
      throw Failure.badData(
        "\(source) has a head lm_head.weight that is not its token table, but the model has both tied; use a model whose "
          + "config.json and weights belong together.")
    }
  }

  private func requireArray(_ parameter: Parameter, _ advice: String) throws -> StoredArray {
    guard let array = self[parameter] else {
      throw Failure.badData("\(source) has no \(parameter.name), which the model has; \(advice).")
    }
    guard array.shape == parameter.shape else {
      throw Failure.badData(
        "\(source) has \(parameter.name) of shape \(array.shape), but the model has \(parameter.shape); \(advice)."
      )
    }
    return array
  }

  /// Copies as many rows as both have.
  private func copy(_ array: StoredArray, to parameter: Parameter) throws {
    let count = min(array.count, parameter.count)
    let start = parameter.value.pointer
    if count == array.count {
      array.copyFloats(to: start)
    } else {
      array.floats().withUnsafeBufferPointer { floats in
        for index in 0..<count { start[index] = floats[index] }
      }
    }
    try requireFinite(start, count: count, parameter.name)
  }

  /// - Throws: `Failure.badData` that names the first number that is infinite or none at all.
  public func requireFinite() throws {
    for (name, array) in arrays.sorted(by: { $0.key.description < $1.key.description }) {
      try array.floats().withUnsafeBufferPointer { floats in
        guard let start = floats.baseAddress else { return }
        try requireFinite(start, count: floats.count, name.description)
      }
    }
  }

  private func requireFinite(_ values: UnsafePointer<Float>, count: Int, _ name: String) throws {
    let first = capstan_first_nonfinite_float(values, count)
    guard first == count else {
      throw Failure.badData(
        "\(source): value \(first) of \(name) is \(values[first]), but weights are finite; use a checkpoint from "
          + "before that training broke.")
    }
  }

  private static func requireWeight(_ array: StoredArray, _ name: String, in source: String) throws {
    guard array.element.isFloatingPoint, (1...2).contains(array.shape.count), array.count > 0 else {
      throw Failure.badData(
        "\(source) has \(name) as \(array.element) of shape \(array.shape), but weights are matrices and vectors of "
          + "floating-point numbers; save the model's state dict.")
    }
  }
}

extension StoredArray {
  fileprivate func isEqual(to other: StoredArray) -> Bool {
    shape == other.shape && element == other.element && bytes == other.bytes
  }
}
