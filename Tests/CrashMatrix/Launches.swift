import Foundation

extension Case {
  /// Two jobs for one run directory, and locks that are left there.
  static let launches = [
    Case("second job", trials: 4, short: true) { trial in
      let job = try trial.start()
      guard trial.wait(for: "forward", in: job) != nil else { throw Verdict("It never trained.") }
      // Stopped, so that it is still there when the second has started; mpirun is none of its ranks.
      for pid in job.ranks.values { kill(pid, SIGSTOP) }
      try trial.expectRefusal(codes: [64], words: "in use by another job")
      for pid in job.ranks.values { kill(pid, SIGCONT) }
      let ending = try job.wait()
      guard ending.code == 0 else {
        throw Verdict("The first job ended with code \(ending.code): \(ending.log)")
      }
      try trial.expectReference()
      return .refused
    },
    Case("stale run.lock", trials: 3) { trial in
      try trial.beginAtRandomStep()
      let lock = trial.directory + "/run.lock"
      let content = trial.random.element(of: [
        "", "{\"host\":", "\u{0}\u{ff}",
        "{\"host\":\"elsewhere\",\"machine\":\"another\",\"pid\":1,\"since\":\"2001-01-01T00:00:00Z\"}\n1000000000\n",
      ])
      try Data(content.utf8).write(to: URL(fileURLWithPath: lock))
      try trial.expectReference()
      return .wentOn
    },
  ]
}
