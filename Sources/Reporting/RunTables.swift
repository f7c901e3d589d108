import Foundation
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
          run.name, best.map { number($0.validationLoss, 4) } ?? "–", best.map { number($0.epoch, 2) } ?? "–",
          number(run.history.steps.last?.epoch ?? 0, 2), "\(run.history.steps.last?.step ?? 0)",
          run.trainedParameters.map { number(Double($0) / 1e6, 2) + " M" } ?? "–",
          duration(run.trainingSeconds),
          run.captionsPerSecond.map { number($0, 1) } ?? "–",
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

  private func number(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    if whole < 60 { return number(seconds, 1) + " s" }
    return whole < 3600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}
