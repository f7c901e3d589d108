import Collectives
import Foundation
import Runs
import Support
import Tensors
import Text

/// A step with a non-finite loss or gradient norm, or a loss spike, with all that it takes to find the cause:
/// `batch.json`.
struct Incident: Encodable {
  enum Kind: String, Encodable {
    case nonFinite = "non-finite"
    case spike
  }

  struct Caption: Encodable {
    let image: String
    let store: String
    let text: String
  }

  struct Lane: Encodable {
    let lane: Int
    /// The mean over the lane's tokens.
    let loss: Double
    let captions: [Caption]
  }

  let kind: Kind
  let step: Int
  /// Counts from 0.
  let epoch: Int
  let loss: Double
  let lossZ: Double?
  let gradientNorm: Double
  /// Trained parameters whose gradient has an element that is not finite.
  let nonFiniteGradients: [String]
  let learningRate: Double
  let dropoutSeed: UInt64
  let dropoutStep: UInt32
  let lanes: [Lane]

  /// - Parameter nonFiniteGradients: the parameters, by name.
  /// - Throws: `Failure` when the step's captions cannot be read any more.
  init(
    _ kind: Kind, at step: StepPlan.Step, of steps: StepPlan, loss: Double, zScore: Double?,
    _ gradients: StepGradients, nonFiniteGradients: [String], tokenizer: any Tokenizer
  ) throws {
    self.kind = kind
    self.step = step.number
    epoch = (step.number - 1) / steps.perEpoch
    self.loss = loss
    lossZ = zScore
    gradientNorm = gradients.norm
    self.nonFiniteGradients = nonFiniteGradients
    learningRate = step.learningRate
    dropoutSeed = step.dropout.seed
    dropoutStep = step.dropout.step
    let training = steps.training
    lanes = try gradients.losses.enumerated().map { lane, sum in
      let samples = training.samples(ofLane: lane, of: step.samples)
      return Lane(
        lane: lane, loss: sum / Double(max(1, try training.countedTokens(of: samples))),
        captions: try samples.map { sample in
          let image = try training.corpus.image(of: sample)
          return Caption(
            image: image.id, store: image.store,
            text: tokenizer.decode(try training.corpus.tokens(of: sample)))
        })
    }
  }

  func json() throws -> Data {
    let encoder = JSON.encoder(isIndented: true)
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(self)
  }

  /// What was found, for people: the numbers, and where they come from as far as the step itself tells.
  var finding: String {
    switch kind {
    case .spike:
      let z = String(format: "%.1f", lossZ ?? 0)
      return String(format: "the loss is %.4f, ", loss)
        + "\(z) standard deviations above the mean of the last steps"
    case .nonFinite:
      let rule =
        loss.isFinite && gradientNorm.isFinite ? "whose square float32 cannot hold" : "which must be finite"
      return "the loss is \(Self.text(loss)) and the gradient's norm \(Self.text(gradientNorm)), \(rule)"
        + (origin.map { " (\($0))" } ?? "")
    }
  }

  /// Images of the lanes whose loss is not finite, or else the parameters whose gradient is not.
  private var origin: String? {
    let damaged = lanes.filter { !$0.loss.isFinite }
    if damaged.count == lanes.count { return "in all lanes" }
    if !damaged.isEmpty {
      let names = damaged.flatMap { $0.captions.map(\.image) }
      return Self.list("lane", damaged.map { "\($0.lane)" }) + " with " + Self.list("image", names)
    }
    return nonFiniteGradients.isEmpty ? nil : "gradients of " + Self.list("parameter", nonFiniteGradients)
  }

  /// The sign of what is not a number means nothing.
  private static func text(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

  /// The first of some names, and how many more there are.
  private static func list(_ noun: String, _ names: [String]) -> String {
    let shown = names.prefix(6).joined(separator: ", ")
    let more = names.count > 6 ? " and \(names.count - 6) more" : ""
    return "\(names.count == 1 ? noun : noun + "s") \(shown)\(more)"
  }
}

extension StepDecision {
  /// What there is to report; nil where nothing has.
  var incident: Incident.Kind? {
    switch self {
    case .usual: nil
    case .spike: .spike
    case .nonFinite: .nonFinite
    }
  }
}
