import Foundation
import Support

/// Where a run lives on disk: everything about it is below this one folder.
public struct RunDirectory: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  /// The resolved configuration of the newest start.
  public var configuration: String { path + "/config.yaml" }
  /// Of all starts that changed it: see `ConfigurationHistory`.
  public var configurations: String { path + "/configurations" }
  /// That of the steps behind a step.
  public func configuration(fromStep step: Int) -> String {
    "\(configurations)/\(CheckpointFolder.name(ofStep: step)).yaml"
  }
  /// The vocabulary that captions were encoded with.
  public var tokenizer: String { path + "/tokenizer" }
  /// What is not trained, once: a step's checkpoint does not repeat it.
  public var frozenParameters: String { path + "/frozen.safetensors" }
  /// One JSON object a line: steps and validations.
  public var metrics: String { path + "/metrics.jsonl" }
  public var tensorboard: String { path + "/tensorboard" }
  public var checkpoints: String { path + "/checkpoints" }
  public var incidents: String { path + "/incidents" }
  /// What is kept of a step with a non-finite loss or gradient norm, or a loss spike.
  public func incident(ofStep step: Int) -> String {
    "\(incidents)/\(CheckpointFolder.name(ofStep: step))"
  }

  /// The steps of which something is kept there, ascending.
  public var incidentSteps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: incidents)) ?? []
    return names.compactMap(CheckpointFolder.step).sorted()
  }

  /// Who is at work here.
  public var lock: String { path + "/run.lock" }

  public var exists: Bool { FileManager.default.fileExists(atPath: path) }

  public var holdsRun: Bool { FileManager.default.fileExists(atPath: configuration) }

  /// - Throws: `Failure.usage` when a run has been written here.
  public func requireUnused() throws {
    guard !holdsRun, CheckpointFolder(path: checkpoints).steps.isEmpty else {
      throw Failure.usage(
        "\(path) already holds a run; resume it with --resume auto, or set run.directory to another folder."
      )
    }
  }

  /// Makes the folder where there is none.
  public func create() throws { try DurableFile.makeDirectory(checkpoints) }

  /// The checkpoint that the link `latest` names; nil before the first.
  /// - Throws: `Failure.badData` when it leads elsewhere.
  public func latestCheckpoint() throws -> String? {
    try CheckpointFolder(path: checkpoints).directory(linkedBy: "latest")
  }
}
