import Support
import Training

/// What runs were and came to, side by side.
struct RunTables {
  let runs: [RunRecord]

  /// How far each run came, how good it got, and what that took.
  var summary: HTMLTable {
    let columns: [(name: String, cell: (RunRecord) -> String)?] = [
      ("run", { $0.name }),
      ("best validation loss", { decimal($0.bestValidation?.validationLoss, 4) }),
      ("at epoch", { decimal($0.bestValidation?.epoch, 2) }),
      runs.contains { $0.bestCIDEr != nil } ? ("best validation CIDEr", { decimal($0.bestCIDEr, 3) }) : nil,
      ("epochs", { decimal($0.history.steps.last?.epoch ?? 0, 2) }),
      ("steps", { "\($0.history.steps.last?.step ?? 0)" }),
      runs.contains { $0.skippedSteps > 0 } ? ("skipped steps", { "\($0.skippedSteps)" }) : nil,
      runs.contains { !$0.incidents.isEmpty }
        ? ("incidents", { run in "\(run.incidents.count)" }) : nil,
      ("trained parameters", { $0.trainedParameters.map { decimal(Double($0) / 1e6, 2) + " M" } ?? "–" }),
      ("training time", { duration($0.trainingSeconds) }),
      ("captions/s", { decimal($0.captionsPerSecond, 1) }),
    ]
    let shown = columns.compactMap(\.self)
    return HTMLTable(columns: shown.map(\.name), rows: runs.map { run in shown.map { $0.cell(run) } })
  }

  /// What to know of runs in which not every step was as it should be; nil where there is none.
  var incidents: String? {
    let troubled = runs.filter { $0.skippedSteps > 0 || !$0.incidents.isEmpty }
    guard !troubled.isEmpty else { return nil }
    let items = troubled.map { run in
      let steps = run.incidents.map { "\($0)" }.firstFew
      let kept =
        run.incidents.isEmpty ? "" : ", incidents at \(run.incidents.count == 1 ? "step" : "steps") \(steps)"
      return
        "<li>\(run.name.markup): \(counted(run.skippedSteps, "step")) skipped\(kept)</li>"
    }
    return
      "<ul class=\"note\">\(items.joined())</ul><p class=\"note\">A loss or a gradient was not finite, or the loss jumped; "
      + "the run's folder incidents/ says which images the batch had.</p>"
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
