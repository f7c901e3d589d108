import Configuration
import ConfigurationKeys
import FileFormats
import Foundation
import Metrics
import Runs
import Support
import Training

/// A run as a report sees it, read from its directory.
public struct RunRecord {
  /// The directory's name; made longer by its parents' where two runs would have the same.
  public let name: String
  public let directory: RunDirectory
  public let configuration: Configuration
  public let history: MetricsHistory
  /// Keys that resumes have changed, each with the step behind which it had the new value.
  public let changes: [(step: Int, difference: KeyDifference)]
  /// The steps with a non-finite loss or gradient norm, or a loss spike, of which the run kept what led to them.
  public let incidents: [Int]
  /// Numbers that are trained; nil before the first checkpoint.
  public let trainedParameters: Int?

  /// - Throws: `Failure` for what is not the directory of a run.
  public init(_ path: String, name: String) throws {
    directory = RunDirectory(path)
    guard directory.holdsRun else {
      throw Failure.badData(
        "\(path) holds no config.yaml; name the directory of a run, such as runs/quickstart.")
    }
    self.name = name
    configuration = try Configuration(contentsOf: directory.configuration)
    history = try MetricsHistory(contentsOf: directory.metrics)
    let starts = ConfigurationHistory(of: directory).entries
    changes = zip(starts, starts.dropFirst()).flatMap { before, now in
      now.configuration.differences(from: before.configuration).filter { $0.key != "run.directory" }.map {
        (now.step, $0)
      }
    }
    incidents = directory.incidentSteps
    if let checkpoint = try directory.latestCheckpoint() {
      let file = try SafetensorsFile(path: checkpoint + "/model.safetensors")
      trainedParameters = try file.names.reduce(0) { try $0 + file.shape(of: $1).reduce(1, *) }
    } else {
      trainedParameters = nil
    }
  }

  /// Reads several runs and tells their names apart.
  public static func runs(_ paths: [String]) throws -> [RunRecord] {
    let components = paths.map { path in
      URL(filePath: path).standardizedFileURL.pathComponents.filter { $0 != "/" }
    }
    let deepest = components.map(\.count).max() ?? 1
    let names = (1...max(1, deepest)).lazy.map { depth in
      components.map { $0.suffix(depth).joined(separator: "/") }
    }.first { Set($0).count == paths.count }
    guard let names else {
      throw Failure.usage("A run is named twice; name each directory once.")
    }
    return try zip(paths, names).map { try RunRecord($0, name: $1) }
  }

  /// Of all steps, without validations and checkpoints.
  public var trainingSeconds: Double { history.steps.reduce(0) { $0 + $1.seconds } }

  /// The median of the steps.
  public var captionsPerSecond: Double? { history.steps.map(\.captionsPerSecond).median }

  public var bestValidation: ValidationMetrics? {
    history.validations.min { $0.validationLoss < $1.validationLoss }
  }

  /// The highest CIDEr of captions that validations made; nil where none made any.
  public var bestCIDEr: Double? { history.validations.compactMap(\.cider).max() }

  /// Steps that changed nothing, because their loss or gradient norm was not finite.
  public var skippedSteps: Int { history.steps.last { $0.skipped != nil }?.skipped ?? 0 }
}

extension ValidationMetrics {
  var cider: Double? { scores?[Metric.cider.rawValue] }
}
