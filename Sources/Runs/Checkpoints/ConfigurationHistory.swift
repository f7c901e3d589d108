import Configuration
import Foundation
import Support

/// The configurations that a run was trained by, one after the other: `configurations/step-00000120.yaml` is that of the
/// steps behind 120, up to the next one's. A resume with other values of keys adds to it, so no step is said to have
/// been made by values that it did not have.
public struct ConfigurationHistory {
  /// Ascending by step.
  public private(set) var entries: [(step: Int, configuration: Configuration)]

  /// What has led to a checkpoint.
  /// - Parameter step: of the checkpoint.
  public init(of run: RunDirectory, upTo step: Int = .max) {
    entries = Self.steps(in: run).filter { $0 < step }.compactMap { start in
      (try? Configuration(contentsOf: run.configuration(fromStep: start))).map { (start, $0) }
    }
    // A run of an earlier version has the newest configuration alone.
    if entries.isEmpty, step > 0, let only = try? Configuration(contentsOf: run.configuration) {
      entries = [(0, only)]
    }
  }

  /// By which the checkpoint was made; nil at the beginning of a run, and where that is not known.
  public var newest: Configuration? { entries.last?.configuration }

  /// Adds what a run continues with after a step, unless nothing has changed.
  public mutating func append(_ configuration: Configuration, fromStep step: Int) {
    if newest.map({ configuration.differences(from: $0).isEmpty }) == true { return }
    entries.append((step, configuration))
  }

  /// Writes all of it, and removes what a run that goes back to an earlier step leaves behind.
  public func write(to run: RunDirectory) throws {
    try DurableFile.makeDirectory(run.configurations)
    for (step, configuration) in entries {
      let (path, contents) = (run.configuration(fromStep: step), Data(try configuration.yaml().utf8))
      if FileManager.default.contents(atPath: path) != contents { try DurableFile.write(contents, to: path) }
    }
    let kept = Set(entries.map(\.step))
    for step in Self.steps(in: run) where !kept.contains(step) { unlink(run.configuration(fromStep: step)) }
  }

  private static func steps(in run: RunDirectory) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: run.configurations)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.compactMap {
      CheckpointFolder.step(ofName: String($0.dropLast(5)))
    }
    .sorted()
  }
}
