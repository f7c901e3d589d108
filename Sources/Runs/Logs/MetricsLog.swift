import Datasets
import FileFormats
import Foundation
import Support

/// What was measured at one step or validation.
public struct StepMetrics: Codable, Sendable {
  public var step: Int
  public var epoch: Double
  /// nil where it was not finite.
  public var loss: Double?
  /// Standard deviations of the loss above the mean of the last steps; nil at the beginning of a run.
  public var lossZ: Double?
  public var learningRate: Double
  /// nil where it was not finite.
  public var gradientNorm: Double?
  public var tokens: Int
  public var seconds: Double
  public var captionsPerSecond: Double
  /// Where the step changed nothing: how many such steps there have been with this one.
  public var skipped: Int?
  /// Why the step took far longer than others; nil where it did not.
  public var slow: String?

  public init(
    step: Int, epoch: Double, loss: Double? = nil, lossZ: Double? = nil, learningRate: Double,
    gradientNorm: Double? = nil, tokens: Int, seconds: Double, captionsPerSecond: Double, skipped: Int? = nil,
    slow: String? = nil
  ) {
    self.step = step
    self.epoch = epoch
    self.loss = loss
    self.lossZ = lossZ
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.tokens = tokens
    self.seconds = seconds
    self.captionsPerSecond = captionsPerSecond
    self.skipped = skipped
    self.slow = slow
  }
}

public struct ValidationMetrics: Codable, Sendable {
  public var step: Int
  public var epoch: Double
  public var validationLoss: Double
  /// Of captions, by the metric's name; nil where none were made.
  public var scores: [String: Double]?
  public var isBest: Bool

  public init(step: Int, epoch: Double, validationLoss: Double, scores: [String: Double]? = nil, isBest: Bool)
  {
    self.step = step
    self.epoch = epoch
    self.validationLoss = validationLoss
    self.scores = scores
    self.isBest = isBest
  }
}

/// `metrics.jsonl`, one JSON object a line, and the same numbers as TensorBoard's event files.
public final class MetricsLog {
  /// Steps that are done, but of which a damaged or foreign log has no line.
  public let missingSteps: Int
  private let file: OutputFile
  private let tensorboard: TensorBoardWriter?
  private let encoder = JSON.encoder()

  /// Opens the log of a run that has come as far as `state`: lines of what it will do again, which a killed run left
  /// behind, are dropped.
  public init(_ directory: RunDirectory, resumingAt state: RunState, tensorboard: Bool) throws {
    let kept = Self.lines(of: directory.metrics).filter { line in
      let willBeRedone = line.isValidation && line.step > state.validatedStep
      return line.step <= state.step && state.step > 0 && !willBeRedone
    }
    missingSteps = state.step - kept.count { !$0.isValidation }
    try DurableFile.write(Data(kept.map { $0.text + "\n" }.joined().utf8), to: directory.metrics)
    file = try OutputFile(appendingTo: directory.metrics)
    self.tensorboard =
      tensorboard
      ? try TensorBoardWriter(
        directory: directory.tensorboard, resumingAt: state.step > 0 ? state.step + 1 : nil) : nil
  }

  /// The whole lines of a log with their steps; what a kill cut in half is left out.
  private static func lines(of path: String) -> [(step: Int, isValidation: Bool, text: String)] {
    struct Record: Decodable {
      let step: Int
      let validationLoss: Double?
    }
    let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n").compactMap { line in
      (try? JSON.decoder().decode(Record.self, from: Data(line.utf8))).map {
        ($0.step, $0.validationLoss != nil, String(line))
      }
    }
  }

  public func append(_ metrics: StepMetrics) throws {
    try write(metrics)
    try chart(
      [
        ("train/loss", metrics.loss), ("train/loss_z", metrics.lossZ),
        ("train/learning_rate", metrics.learningRate), ("train/gradient_norm", metrics.gradientNorm),
        ("train/captions_per_second", metrics.captionsPerSecond),
        ("train/skipped", metrics.skipped.map(Double.init)),
      ], metrics.step)
  }

  public func append(_ metrics: ValidationMetrics) throws {
    try write(metrics)
    let scores = (metrics.scores ?? [:]).sorted { $0.key < $1.key }.map { ("validation/\($0.key)", $0.value) }
    try chart([("validation/loss", metrics.validationLoss)] + scores, metrics.step)
    try tensorboard?.flush()
  }

  public func close() throws { try tensorboard?.close() }

  private func write(_ record: some Encodable) throws {
    try file.write(encoder.encode(record) + Data("\n".utf8))
  }

  private func chart(_ values: [(String, Double?)], _ step: Int) throws {
    for case (let tag, let value?) in values { try tensorboard?.scalar(tag, value, step: step) }
  }
}
