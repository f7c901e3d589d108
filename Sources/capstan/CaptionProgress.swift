import Collectives
import Foundation
import Support
import Tensors

/// Tells how captioning goes: on a terminal one line that is written over, and a line at the end.
struct CaptionProgress {
  let total: Int
  /// Only one rank speaks.
  let isShown: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now

  init(total: Int, isShown: Bool) {
    self.total = total
    self.isShown = isShown
  }

  func begin(with checkpoint: String, _ communicator: Communicator, _ backend: Backend) {
    let (ranks, threads) = (counted(communicator.size, "rank"), counted(backend.pool.threads, "thread"))
    say("captioning \(counted(total, "image")) by \(checkpoint) on \(ranks) × \(threads)\n")
    if let warning = backend.warningOfBLAS { say(warning + "\n") }
  }

  func report(_ done: Int) {
    guard isTerminal else { return }
    let left = seconds / Double(max(1, done)) * Double(total - done)
    say(
      String(
        format: "\r\u{1b}[2K%d of %@, %.1f images/s, %.0f s left", done, counted(total, "image"),
        Double(done) / seconds, left))
  }

  func end(writingTo path: String) {
    let line =
      counted(total, "image")
      + String(format: " in %.1f s, %.2f images/s", seconds, Double(total) / seconds)
    say("\(isTerminal ? "\r\u{1b}[2K" : "")\(line), written to \(path)\n")
  }

  private var seconds: Double { max(1e-9, (clock.now - start) / .seconds(1)) }

  private func say(_ text: String) {
    if isShown { StandardStreams.say(text) }
  }
}
