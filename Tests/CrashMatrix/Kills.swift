import Foundation

extension Case {
  /// SIGKILL, SIGTERM: to each rank in each phase, to mpirun, and again while the run is resumed.
  static let kills: [Case] =
    phases.map { phase, trials in
      Case("kill in \(phase)", trials: trials, short: shortPhases.contains(phase)) { trial in
        try trial.breakOff(in: phase)
        try trial.expectReference()
        return .wentOn
      }
    } + [
      Case("kill in resume", trials: 8, short: true) { trial in
        try trial.beginAtRandomStep()
        for _ in 0..<1 + trial.random.next(below: 3) {
          try trial.breakOff(in: "loading", resume: "auto")
        }
        try trial.expectReference()
        return .wentOn
      },
      Case("kill twice", trials: 8) { trial in
        try trial.breakOff(in: trial.random.element(of: phases.map(\.0)))
        try trial.breakOff(in: trial.random.element(of: phases.map(\.0)), resume: "auto")
        try trial.expectReference()
        return .wentOn
      },
      Case("kill again and again", trials: 4) { trial in
        for number in 0..<6 {
          let job = try trial.start(resume: number == 0 ? nil : "auto")
          usleep(UInt32(100_000 + trial.random.next(below: 1_500_000)))
          try trial.kill(job)
        }
        try trial.expectReference()
        return .wentOn
      },
      Case("kill all ranks at once", trials: 4) { trial in
        let job = try trial.start()
        _ = trial.wait(for: trial.random.element(of: phases.map(\.0)), in: job)
        for pid in job.ranks.values { Foundation.kill(pid, SIGKILL) }
        _ = try job.wait()
        try trial.expectReference()
        return .wentOn
      },
      Case("kill mpirun", trials: 6, short: true) { trial in
        let job = try trial.start()
        _ = trial.wait(for: trial.random.element(of: phases.map(\.0)), in: job)
        Foundation.kill(job.mpirun, SIGKILL)
        _ = try job.wait()
        try RunFiles(trial.directory).requireWholeCheckpoints()
        try trial.expectReference()
        return .wentOn
      },
      Case("SIGTERM", trials: 4) { trial in
        let job = try trial.start()
        guard let victim = trial.wait(for: "forward", in: job) else { throw Verdict("It never trained.") }
        Foundation.kill(victim, SIGTERM)
        let ending = try job.wait()
        // It may have come to its end meanwhile.
        guard [0, 143].contains(ending.code) else {
          throw Verdict("SIGTERM ended it with code \(ending.code): \(ending.log)")
        }
        try trial.expectReference()
        return .wentOn
      },
    ]

  private static let shortPhases = ["loading", "forward", "reduction", "optimizer", "ckpt-write"]

  /// What a rank can be at, and how often it is killed there.
  private static let phases = [
    ("loading", 8), ("batch", 6), ("forward", 8), ("backward", 8), ("reduction", 6), ("waiting", 6),
    ("optimizer", 8), ("checkpoint", 6), ("validation", 6), ("ckpt-write", 10), ("ckpt-purge", 6),
  ]
}

extension Trial {
  /// Starts a job and kills one rank of it in a phase, which the run may be in for the first time or the tenth.
  func breakOff(in phase: String, resume: String? = nil) throws {
    // The moment that was drawn may not come, as a phase can be shorter than looking takes. Loading comes once.
    let drawn = 1 + random.next(below: phase == "loading" ? 1 : resume == nil ? 10 : 3)
    for occurrence in [drawn, 2, 1, 1] {
      let job = try start(resume: resume)
      let victim = wait(for: phase, in: job, occurrence: occurrence)
      if let victim {
        Foundation.kill(victim, SIGKILL)
        note("killed \(victim) in \(phase), occurrence \(occurrence)")
      }
      let ending = try job.wait()
      guard ending.complaints.count <= 1 else { throw Verdict("Many complaints: \(ending.log)") }
      try RunFiles(directory).requireWholeCheckpoints()
      if victim != nil { return }
      guard resume == nil else { return note("it went on to its end before it was seen in \(phase)") }
      try FileManager.default.removeItem(atPath: directory)
    }
    throw Verdict("It was never seen in \(phase).")
  }

  /// Kills any rank, or mpirun.
  func kill(_ job: Job) throws {
    Foundation.kill(random.element(of: job.ranks.values.sorted() + [job.mpirun]), SIGKILL)
    _ = try job.wait()
    try RunFiles(directory).requireWholeCheckpoints()
  }

  /// Returns when a rank, drawn at random, is seen in a phase for the nth time.
  /// - Returns: the rank's process; nil when the job has ended before.
  func wait(for phase: String, in job: Job, occurrence: Int = 1) -> pid_t? {
    let victim = random.next(below: job.size)
    // Rank 0 alone writes checkpoints, whoever is to die meanwhile.
    let watched = phase.hasPrefix("ckpt") ? 0 : victim
    var processes: [Int: pid_t] = [:]
    while processes.count < job.size, job.isRunning {
      processes = job.ranks
      usleep(1_000)
    }
    guard let pid = processes[watched] else { return nil }
    let watch = PhaseWatch(pid)
    var (seen, wasIn) = (0, false)
    while job.isRunning {
      let isIn = watch.sees(phase)
      if isIn, !wasIn { seen += 1 }
      if seen == occurrence {
        // Loading is long.
        if phase == "loading" { usleep(UInt32(random.next(below: 300_000))) }
        return processes[victim]
      }
      wasIn = isIn
      usleep(20)
    }
    return nil
  }

  /// Puts a run in the directory that has come as far as a step drawn at random.
  @discardableResult
  func beginAtRandomStep() throws -> Int {
    let step = 2 * (3 + random.next(below: 6))
    try RunFiles(directory).copy(RunFiles(workload.reference(of: kind)), at: step)
    note("begun: at step \(step)")
    return step
  }
}
