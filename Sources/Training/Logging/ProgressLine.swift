import Foundation

/// Tells how a run goes: on a terminal one line that is written over, in a log a line every so many steps.
public final class ProgressLine {
  private let totalSteps: Int
  private let interval: Int
  private let isTerminal = isatty(STDERR_FILENO) == 1
  /// Mean over about the last twenty steps: a single step's speed and loss jump about.
  private var smoothedSeconds: Double?
  private var smoothedLoss: Double?
  private var isOpen = false

  public init(totalSteps: Int, interval: Int) {
    self.totalSteps = totalSteps
    self.interval = interval
  }

  public func report(_ metrics: StepMetrics) {
    func smooth(_ old: Double?, _ new: Double) -> Double { old.map { $0 + (new - $0) / 20 } ?? new }
    smoothedSeconds = smooth(smoothedSeconds, metrics.seconds)
    smoothedLoss = smooth(smoothedLoss, metrics.loss)
    guard isTerminal || metrics.step % interval == 0 || metrics.step == totalSteps else { return }
    let left = Double(totalSteps - metrics.step) * (smoothedSeconds ?? 0)
    let text = String(
      format: "step %d/%d  epoch %.2f  loss %.4f  lr %.2e  %.0f captions/s  %@ left", metrics.step,
      totalSteps,
      metrics.epoch, smoothedLoss ?? metrics.loss, metrics.learningRate, metrics.captionsPerSecond,
      duration(left))
    if isTerminal {
      write("\r\u{1b}[2K" + text)
      isOpen = true
      if metrics.step == totalSteps { close() }
    } else {
      write(text + "\n")
    }
  }

  /// Says something on a line of its own.
  public func say(_ text: String) {
    close()
    write(text + "\n")
  }

  private func close() {
    if isOpen { write("\n") }
    isOpen = false
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  private func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(), 1e9))
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? String(format: "%dh%02dm", hours, minutes) : String(format: "%dm%02ds", minutes, whole % 60)
  }
}
