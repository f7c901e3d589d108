/// How far the buffer of gradients is final during a backward.
///
/// Parameters are in the order in which backward finishes them, so that gradients become final from the start of the buffer
/// on.
public struct ReadyPrefix {
  private let places: [ObjectIdentifier: Int]
  /// Where each trainable parameter's part of the buffer ends.
  private let ends: [Int]
  private var isFinal: [Bool]
  private var finished = 0

  public init(of arena: ParameterArena) {
    let parameters = arena.trainableParameters
    places = Dictionary(
      uniqueKeysWithValues: parameters.enumerated().map { (ObjectIdentifier($1), $0) })
    ends = parameters.indices.map {
      $0 + 1 < parameters.endIndex ? arena.offsets[$0 + 1] : arena.trainableCount
    }
    isFinal = Array(repeating: false, count: parameters.count)
  }

  /// Floats of the buffer before which all gradients are final.
  public var offset: Int { finished == 0 ? 0 : ends[finished - 1] }

  /// Takes note of parameters whose gradients are final; frozen ones count nothing.
  public mutating func finish(_ parameters: [Parameter]) {
    for parameter in parameters {
      if let place = places[ObjectIdentifier(parameter)] { isFinal[place] = true }
    }
    while finished < isFinal.count, isFinal[finished] { finished += 1 }
  }
}
