import Essentials
import Training

/// What runs were and came to, side by side.
struct RunTables {
  let runs: [RunRecord]

  /// How far each run came, how good it got, and what that took.
  var summary: HTMLTable {
    HTMLTable(
      columns: [
        "run", "best validation loss", "at epoch", "epochs", "steps", "trained parameters", "training time",
        "captions/s",
      ],
      rows: runs.map { run in
        let best = run.bestValidation
        return [
          run.name, decimal(best?.validationLoss, 4), decimal(best?.epoch, 2),
          decimal(run.history.steps.last?.epoch ?? 0, 2), "\(run.history.steps.last?.step ?? 0)",
          run.trainedParameters.map { decimal(Double($0) / 1e6, 2) + " M" } ?? "–",
          duration(run.trainingSeconds),
          decimal(run.captionsPerSecond, 1),
        ]
      })
  }

  /// The keys of the configurations in which the runs differ, without their directories; nil where in none.
  var differences: HTMLTable? {
    let references = runs.map { $0.configuration.reference() }
    guard let keys = references.first?.map(\.path) else { return nil }
    let rows = keys.indices.compactMap { index -> [String]? in
      let values = references.map { $0[index].defaultValue }
      guard keys[index] != "run.directory", Set(values).count > 1 else { return nil }
      return [keys[index]] + values
    }
    return rows.isEmpty ? nil : HTMLTable(columns: ["key"] + runs.map(\.name), rows: rows)
  }

  /// The keys that had several values in one run; nil where none had.
  var changes: HTMLTable? {
    let rows = runs.flatMap { run in
      run.changes.map {
        [run.name, $0.difference.key, $0.difference.before, $0.difference.now, "\($0.step)"]
      }
    }
    return rows.isEmpty
      ? nil
      : HTMLTable(columns: ["run", "key", "value before", "value then", "from behind step"], rows: rows)
  }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 60 { return decimal(seconds, 1) + " s" }
    return whole < 3600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
