import Foundation
import Synchronization

/// Tells how a run goes: on a terminal one line that is written over, in a log a line every so many steps. Log messages
/// go past it, each on a line of its own.
public final class ProgressLine: Sendable {
  private struct State {
    /// Means over about the last twenty steps: a single step's speed and loss jump about.
    var seconds: Double?
    var loss: Double?
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
    func smooth(_ old: Double?, _ new: Double) -> Double { old.map { $0 + (new - $0) / 20 } ?? new }
    state.withLock { state in
      let seconds = smooth(state.seconds, metrics.seconds)
      let loss = metrics.loss.map { smooth(state.loss, $0) } ?? state.loss
      (state.seconds, state.loss) = (seconds, loss)
      let isLast = metrics.step == totalSteps
      guard isTerminal || metrics.step % interval == 0 || isLast else { return }
      let text = String(
        format: "step %d/%d  epoch %.2f  loss %.4f  lr %.2e  %.0f captions/s  %@ left", metrics.step,
        totalSteps,
        metrics.epoch, loss ?? .nan, metrics.learningRate, metrics.captionsPerSecond,
        duration(Double(totalSteps - metrics.step) * seconds))
      write(isTerminal ? "\r\u{1b}[2K" + text : text + "\n")
      state.isOpen = isTerminal
      if isLast { close(&state) }
    }
  }

  /// Says something on a line of its own.
  func say(_ text: String) {
    state.withLock { state in
      close(&state)
      write(text + "\n")
    }
  }

  private func close(_ state: inout State) {
    if state.isOpen { write("\n") }
    state.isOpen = false
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(), 1e9))
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? String(format: "%dh%02dm", hours, minutes) : String(format: "%dm%02ds", minutes, whole % 60)
  }
}
