/// Something that can befall a run.
struct Case: Sendable {
  let name: String
  /// How often it is tried in the whole matrix.
  let trials: Int
  /// Nil: drawn for each trial.
  let kind: Workload.Kind?
  /// Whether it belongs to the short part.
  let isShort: Bool
  /// Throws ``Verdict`` when a run does not do what it should.
  let body: @Sendable (Trial) throws -> Outcome

  init(
    _ name: String, trials: Int, kind: Workload.Kind? = nil, short isShort: Bool = false,
    _ body: @escaping @Sendable (Trial) throws -> Outcome
  ) {
    (self.name, self.trials, self.kind, self.isShort, self.body) = (name, trials, kind, isShort, body)
  }

  static let all = kills + stops + disks + damages + launches
}

/// How a trial ended well.
enum Outcome: String, CaseIterable {
  /// `--resume auto` went on to the reference bytes.
  case wentOn = "went on"
  /// One sentence, and `--resume intact` went on to the reference bytes from an older checkpoint.
  case fellBack = "fell back"
  /// One sentence; and the reference bytes when what was wrong was put right.
  case refused = "refused"
  /// The machine cannot do this to a run.
  case skipped = "skipped"
}

/// How a trial ended badly.
struct Verdict: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
