import Foundation
import Runs
import Support
import Synchronization

/// Tells how a run goes: on a terminal one line that is written over, in a log a line every so many steps. Log messages
/// go past it, each on a line of its own.
public final class ProgressLine: Sendable {
  private struct State {
    /// Of a step, the mean over about the last twenty: what the time that is left is told by.
    var seconds: Double?
    /// Whether the cursor stands behind a live line.
    var isOpen = false
  }

  private let totalSteps: Int
  private let interval: Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let state = Mutex(State())

  public init(totalSteps: Int, interval: Int) {
    self.totalSteps = totalSteps
    self.interval = interval
  }

  public func report(_ metrics: StepMetrics) {
    state.withLock { state in
      let seconds = state.seconds.map { $0 + (metrics.seconds - $0) / 20 } ?? metrics.seconds
      state.seconds = seconds
      let isLast = metrics.step >= totalSteps
      guard isTerminal || metrics.step % interval == 0 || isLast else { return }
      let text = text(metrics, secondsPerStep: seconds)
      write(isTerminal ? "\r\u{1b}[2K" + text : text + "\n")
      state.isOpen = isTerminal
      if isLast { close(&state) }
    }
  }

  /// What is said of a step: its own numbers, as in `metrics.jsonl`.
  /// - Parameter secondsPerStep: of the steps that are left.
  func text(_ metrics: StepMetrics, secondsPerStep: Double) -> String {
    String(
      format: "step %d/%d  epoch %.2f  loss %.4f  lr %.2e  %.0f captions/s  %@ left", metrics.step,
      totalSteps,
      metrics.epoch, metrics.loss ?? .nan, metrics.learningRate, metrics.captionsPerSecond,
      duration(Double(max(0, totalSteps - metrics.step)) * secondsPerStep))
  }

  /// Says something on a line of its own.
  func say(_ text: String) {
    state.withLock { state in
      close(&state)
      write(text + "\n")
    }
  }

  /// Leaves the live line as it is: what comes next stands below it.
  func close() { state.withLock { close(&$0) } }

  private func close(_ state: inout State) {
    if state.isOpen { write("\n") }
    state.isOpen = false
  }

  private func write(_ text: String) { StandardStreams.say(text) }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(), 1e9))
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? String(format: "%dh%02dm", hours, minutes) : String(format: "%dm%02ds", minutes, whole % 60)
  }
}
