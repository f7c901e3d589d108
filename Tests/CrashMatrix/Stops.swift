import Foundation

extension Case {
  /// SIGSTOP: a rank that neither works nor ends.
  static let stops = [
    Case("SIGSTOP", trials: 6) { trial in
      let ranks = trial.random.element(of: [2, 4])
      let job = try trial.start(ranks: ranks, options: ["--set", "run.stall_limit=2"])
      let phase = trial.random.element(of: ["loading", "forward", "backward", "optimizer", "validation"])
      guard let victim = trial.wait(for: phase, in: job) else {
        throw Verdict("It was never seen in \(phase).")
      }
      kill(victim, SIGSTOP)
      trial.note("stopped \(victim) in \(phase)")
      usleep(1_000_000)
      if job.printed.contains("\nfinished\n") {
        // The signal came when all was done, and there is nobody left to wait for this rank.
        kill(victim, SIGCONT)
        return try ended(job, trial)
      }
      let ending = try job.wait()
      let rank = job.ranks.first { $0.value == victim }?.key ?? -1
      try trial.expectComplaint(of: ending, codes: [1], words: "\(rank)")
      try trial.expectReference()
      return .wentOn
    },
    Case("SIGSTOP and SIGCONT", trials: 2) { trial in
      let job = try trial.start(ranks: 2)
      guard let victim = trial.wait(for: "forward", in: job) else { throw Verdict("It never trained.") }
      kill(victim, SIGSTOP)
      usleep(1_500_000)
      kill(victim, SIGCONT)
      return try ended(job, trial)
    },
  ]

  /// Waits for a job that nothing is to be seen of any more.
  private static func ended(_ job: Job, _ trial: Trial) throws -> Outcome {
    let ending = try job.wait()
    guard ending.code == 0 else { throw Verdict("It ended with code \(ending.code): \(ending.log)") }
    try trial.expectReference()
    return .wentOn
  }
}
