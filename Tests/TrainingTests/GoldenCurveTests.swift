import Foundation
import Support
import Tensors
import Testing

@testable import Training

/// Twenty steps of every kind of model, in float32, against the losses that were committed: what is meant to change no result is
/// seen to change none.
///
/// With the portable kernels and OpenBLAS's Prescott core, which every x86-64 processor runs, each bit is compared;
/// with others, whose sums are in another order, all but the last digits. `CAPSTAN_RECORD_GOLDEN=1 CAPSTAN_ISA=portable
/// OPENBLAS_CORETYPE=Prescott swift test --filter GoldenCurveTests` writes the file anew.
@Suite struct GoldenCurveTests {
  static let mappers = [
    "mlp": "{kind: mlp, prefix_length: 3}",
    "transformer": "{kind: transformer, layers: 2, heads: 2, clip_length: 2, prefix_length: 3}",
    "linear": "{kind: linear, prefix_length: 3}",
    "none": "{kind: none}",
  ]
  static let flavors =
    ["linear", "mlp", "transformer"].flatMap { ["\($0) fine-tune", "\($0) frozen"] } + ["none fine-tune"]

  /// Losses of the steps, and that of the validation.
  typealias Curve = [Double]

  static let source = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "Golden/curves.json")
  static let isRecording = ProcessInfo.processInfo.environment["CAPSTAN_RECORD_GOLDEN"] != nil

  @Test func curvesAreThoseThatWereRecorded() throws {
    let file = try #require(Bundle.module.url(forResource: "Golden/curves", withExtension: "json"))
    let recorded = try JSONDecoder().decode([String: Curve].self, from: Data(contentsOf: file))
    var curves: [String: Curve] = [:]
    for flavor in Self.flavors {
      let curve = try Self.curve(flavor)
      curves[flavor] = curve
      guard !Self.isRecording else { continue }
      let expected = try #require(recorded[flavor])
      try #require(curve.count == expected.count)
      let tolerance = Self.hasSameBits ? 0 : 2e-3
      for (step, (loss, expected)) in zip(curve, expected).enumerated() {
        #expect(
          abs(loss - expected) <= tolerance, "\(flavor), step \(step + 1): \(loss), recorded was \(expected)")
      }
    }
    guard Self.isRecording else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try encoder.encode(curves).write(to: Self.source)
  }

  /// Whether products and kernels here are those that the file was recorded with.
  static var hasSameBits: Bool {
    ProcessInfo.processInfo.environment["CAPSTAN_ISA"] == "portable" && BLASCore.inUse == "Prescott"
  }

  static func curve(_ flavor: String) throws -> Curve {
    let words = flavor.split(separator: " ")
    let isFrozen = words[1] == "frozen"
    let mapper = try #require(mappers[String(words[0])])
    let run = try TinyRun(
      "model.mapper=\(mapper)", "train.steps=20", "train.clip_norm=1", "optimizer.weight_decay=0.01",
      "schedule.shape=cosine", "schedule.warmup_steps=2", "checkpoint.every_steps=null",
      "data.end_token=true", "model.language_model.layers=2")
    var configuration = run.configuration
    if isFrozen {
      configuration = try run.configured(
        "model.language_model.directory=\(run.languageModel())", "model.language_model.frozen=true")
    }
    let backend = try Backend(threads: 1, precision: .float32)
    _ = try Trainer(configuration, resume: .never, communicator: .alone, on: backend).run()
    return try run.metrics().compactMap { $0["loss"] ?? $0["validation_loss"] }
  }
}
