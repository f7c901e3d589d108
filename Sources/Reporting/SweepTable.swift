import Support
import Training

/// What the runs of a sweep came to, as text for a terminal.
public struct SweepTable: CustomStringConvertible {
  private let runs: [(name: String, code: Int32?, record: RunRecord?)]

  /// - Parameter runs: the exit code of each, nil of one that was not started, and what it has written.
  public init(_ runs: [(name: String, code: Int32?, record: RunRecord?)]) { self.runs = runs }

  public var description: String {
    let scores = runs.map { $0.record?.bestCIDEr }
    let isScored = scores.contains { $0 != nil }
    let rows = zip(runs, scores).map { run, score in
      let ending = run.code.map { $0 == 0 ? "finished" : "code \($0)" } ?? "not started"
      return [run.name, ending, decimal(run.record?.bestValidation?.validationLoss, 4)]
        + (isScored ? [decimal(score, 4)] : [])
        + [decimal(run.record.map { $0.trainingSeconds / 60 }, 1)]
    }
    let header = ["run", "ending", "best validation loss"] + (isScored ? ["best CIDEr"] : []) + ["minutes"]
    return TextTable([.left, .left] + header.dropFirst(2).map { _ in .right }, [header] + rows).description
  }
}
