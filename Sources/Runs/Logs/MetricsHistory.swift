import Datasets
import Foundation
import Support

/// What a run's `metrics.jsonl` tells, in the order of its lines.
public struct MetricsHistory: Sendable {
  public private(set) var steps: [StepMetrics] = []
  public private(set) var validations: [ValidationMetrics] = []

  /// A last line that a kill cut in half is left out.
  /// - Throws: `Failure.badData` for a file that cannot be read or another line that is neither.
  public init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.badData("\(path) cannot be read; name the directory of a run that has begun to train.")
    }
    let lines = data.split(separator: UInt8(ascii: "\n"))
    let decoder = JSON.decoder()
    for (index, line) in lines.enumerated() {
      if let step = try? decoder.decode(StepMetrics.self, from: line) {
        steps.append(step)
      } else if let validation = try? decoder.decode(ValidationMetrics.self, from: line) {
        validations.append(validation)
      } else if index + 1 < lines.count || data.last == UInt8(ascii: "\n") {
        throw Failure.badData(
          "Line \(index + 1) of \(path) is neither a step nor a validation; restore the file or remove that line."
        )
      }
    }
  }
}
