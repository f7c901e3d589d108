import Collectives
import Logging
import Support

/// Where a run resumes from, agreed upon by all ranks.
public struct ResumePlan {
  /// Nil: at the beginning.
  public let checkpoint: Checkpoint?
  /// Why newer checkpoints were not taken.
  private let passedOver: [Failure]

  /// - Parameters:
  ///   - isVerifying: whether this rank reads every byte, as one of each machine should.
  ///   - restore: puts this rank's model where a checkpoint stands.
  /// - Throws: what is wrong with the checkpoint that was asked for, on all ranks.
  public init(
    _ resume: ResumePolicy, of run: RunDirectory, _ communicator: Communicator,
    verifying isVerifying: Bool, _ restore: (Checkpoint) throws -> Void
  ) throws {
    let candidates = Self.candidates(resume, of: run, communicator)
    var passedOver: [Failure] = []
    for path in candidates {
      do {
        checkpoint = try communicator.agree {
          let checkpoint = try Checkpoint(path, of: run, verifying: isVerifying)
          try restore(checkpoint)
          return checkpoint
        }
        self.passedOver = passedOver
        return
      } catch let shared as CollectiveFailure where resume == .intact && shared.failure.kind == .badData {
        passedOver.append(shared.failure)
      }
    }
    if let newest = passedOver.first {
      try communicator.agree {
        throw Failure.badData(
          "None of the \(passedOver.count) checkpoints of \(run.path) can be resumed from; of the newest: \(newest)"
        )
      }
    }
    (checkpoint, self.passedOver) = (nil, [])
  }

  /// The checkpoints that may be resumed from, the first choice first; all ranks take those that rank 0 sees.
  private static func candidates(
    _ resume: ResumePolicy, of run: RunDirectory, _ communicator: Communicator
  ) -> [String] {
    let folder = CheckpointFolder(path: run.checkpoints)
    let steps = communicator.allGather(folder.steps)[0]
    switch resume {
    case .never: return []
    case .automatically: return steps.suffix(1).map(folder.directory)
    case .intact: return steps.reversed().map(folder.directory)
    case .from(let path): return [path]
    }
  }

  /// What a user should know of it.
  public var notes: [(Logger.Level, String)] {
    guard let checkpoint else { return [] }
    let isEarlier = checkpoint.state.identity.captionTexts == nil
    return passedOver.map { (.warning, "skipped: \($0)") }
      + [(.info, "resuming from \(checkpoint.directory), step \(checkpoint.state.step)")]
      + (isEarlier
        ? [(.warning, "its training captions were not compared: an earlier version wrote it")] : [])
  }
}
