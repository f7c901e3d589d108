import Collectives
import Configuration
import Foundation
import Logging
import Runs
import Support

/// Says what was wrong with a step, and keeps what it takes to look into it.
struct IncidentRecorder {
  let directory: RunDirectory
  let section: NumericsSection
  let communicator: Communicator
  let logger: Logger

  /// Leaves out or takes a step that the run survives: a warning, and `batch.json`.
  func continueRun(after incident: Incident, _ verdict: StepDecision, _ state: SpikeDetector) throws {
    let place = directory.incident(ofStep: incident.step)
    try communicator.agree {
      guard communicator.isRoot else { return }
      try DurableFile.write(incident.json(), to: "\(place)/\(Self.batch)")
    }
    let outcome =
      switch verdict {
      case .nonFinite:
        "was skipped, \(state.nonFiniteInARow) in a row of at most \(section.skipLimit), \(state.skipped) in all"
      case .spike(_, isSkipped: true): "was skipped, \(state.skipped) in all"
      default: "was taken"
      }
    logger.warning("step \(incident.step) \(outcome): \(incident.finding); see \(place)/\(Self.batch)")
  }

  /// Ends the run.
  /// - Parameter keep: writes the state before the step and other files to a directory, on rank 0.
  /// - Throws: `CollectiveFailure`, always.
  func endRun(
    at incident: Incident, keep: (_ path: String, _ addFiles: (String) throws -> Void) throws -> Void
  ) throws {
    let place = directory.incident(ofStep: incident.step)
    try communicator.agree {
      var kept = "\(place) has its batch and the state before it, to --resume from and see it again"
      do {
        try keep(place) { try incident.json().write(to: URL(fileURLWithPath: "\($0)/\(Self.batch)")) }
      } catch {
        kept = "what led to it could not be kept (\(error))"
      }
      throw Failure.runtime(
        "At step \(incident.step) \(incident.finding); nothing was updated, and \(kept): look for damaged embeddings "
          + "with `capstan data info`, lower optimizer.learning_rate, set train.clip_norm, or let such steps be left "
          + "out by numerics.skip_limit.")
    }
  }

  private static let batch = "batch.json"
}
