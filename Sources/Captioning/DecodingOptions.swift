import Support

/// How captions are to be decoded, as a person or a program asks for it. What is left out is as the method has it.
public struct DecodingOptions: Sendable {
  public enum Method: String, CaseIterable, Sendable {
    case greedy, beam, nucleus
  }

  /// What compares captions of beam search: their log-probability by their length, or their probability.
  public enum Scoring: String, CaseIterable, Sendable {
    case lengthPenalty = "length-penalty"
    case probability
  }

  public var method = Method.greedy
  /// Beam search: the beam width; 5 where nil.
  public var beams: Int?
  /// Beam search; nil: by length.
  public var scoring: Scoring?
  /// Beam search: `reference` for the mean log-probability of a token, as ClipCap has it, or the exponent of the length.
  public var lengthPenalty: String?
  /// Nucleus sampling: the probability of the tokens that are drawn from; 0.9 where nil.
  public var topP: Double?
  /// Beam search and nucleus sampling: what logits are divided by; 1 where nil.
  public var temperature: Double?
  /// Nucleus sampling: what captions are drawn by, together with the image ids; 0 where nil.
  public var seed: UInt64?
  /// The most tokens of a caption; nil takes ClipCap's 67, or what the model's positions hold if that is less.
  public var maxTokens: Int?
  /// Whether a full stop ends a caption even where the model has learned an end token.
  public var stopsAtPeriod = false

  public init() {}

  /// - Throws: `Failure.usage` for an option of another method and for a value out of range; options are named as on the
  ///   command line.
  public func decodingMethod() throws -> any DecodingMethod {
    try requireOptionsOfMethod()
    let temperature = temperature ?? 1
    guard (0.01...100).contains(temperature) else {
      throw Failure.usage(
        "--temperature is \(temperature), but must be between 0.01 and 100; choose another.")
    }
    switch method {
    case .greedy: return GreedyDecoding()
    case .beam:
      let beams = beams ?? 5
      guard (1...100).contains(beams) else {
        throw Failure.usage("--beams is \(beams), but must be between 1 and 100; choose another number.")
      }
      return BeamSearch(beams: beams, temperature: temperature, scoring: try beamScoring())
    case .nucleus:
      let topP = topP ?? 0.9
      guard topP > 0, topP <= 1 else {
        throw Failure.usage("--top-p is \(topP), but must be above 0 and at most 1; choose another.")
      }
      return NucleusSampling(topP: topP, temperature: temperature, seed: seed ?? 0)
    }
  }

  private func requireOptionsOfMethod() throws {
    let given: [(name: String, isGiven: Bool, methods: [Method])] = [
      ("beams", beams != nil, [.beam]), ("length-penalty", lengthPenalty != nil, [.beam]),
      ("scoring", scoring != nil, [.beam]),
      ("top-p", topP != nil, [.nucleus]), ("seed", seed != nil, [.nucleus]),
      ("temperature", temperature != nil, [.beam, .nucleus]),
    ]
    for option in given where option.isGiven && !option.methods.contains(method) {
      let methods = option.methods.map(\.rawValue).joined(separator: " or ")
      throw Failure.usage(
        "--\(option.name) is for --method \(methods), but the method is \(method.rawValue); leave one of them out."
      )
    }
  }

  private func beamScoring() throws -> BeamSearch.Scoring {
    if scoring == .probability {
      guard lengthPenalty == nil else {
        throw Failure.usage(
          "--length-penalty is for --scoring length-penalty, but the scoring is probability; leave one of them out."
        )
      }
      return .probability
    }
    guard let lengthPenalty, lengthPenalty != "reference" else { return .meanLogProbability }
    guard let exponent = Double(lengthPenalty), (0...10).contains(exponent) else {
      throw Failure.usage(
        "--length-penalty is “\(lengthPenalty)”, but must be “reference” or a number between 0 and 10; choose one."
      )
    }
    return .lengthNormalized(exponent: exponent)
  }
}
