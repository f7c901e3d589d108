import CBLAS
import CKernels
import Foundation
import Support

/// Which of OpenBLAS's processor-specific builds of its kernels is in use. OpenBLAS chooses when it is loaded, and a
/// version that is older than the processor chooses far too low; only the environment can correct it.
public enum BLASCore {
  /// The core that OpenBLAS has chosen.
  public static var inUse: String { String(cString: openblas_get_corename()) }

  public static var library: String {
    String(cString: openblas_get_config()).split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// The core that this processor's instructions allow; nil where OpenBLAS's own choice is to be trusted.
  public static var best: String? {
    if Backend.supports("avx512") { return "SkylakeX" }
    if Backend.supports("avx2") { return "Haswell" }
    return nil
  }

  /// The instruction set, of ``Backend/instructionSets``, whose vectors a core's products are computed in; nil where
  /// that is not known.
  static func instructionSet(of core: String) -> String? {
    switch core {
    case "SkylakeX", "Cooperlake", "Sapphirerapids": "avx512"
    case "Haswell", "Zen": "avx2"
    default: nil
    }
  }

  /// The instruction set of the core in use.
  public static var instructionSet: String? { instructionSet(of: inUse) }

  /// Whether the core in use has kernels for the widest vectors of this processor.
  public static var isAdequate: Bool {
    guard let best else { return true }
    return instructionSet == "avx512" || instructionSet == instructionSet(of: best)
  }

  /// What to tell the user when the core in use is not adequate, because the environment asks for it.
  public static var warning: String? {
    guard let best, !isAdequate else { return nil }
    return
      "OpenBLAS runs its \(inUse) kernels, as OPENBLAS_CORETYPE in the environment says, where \(best) would be up "
      + "to twice as fast; unset the variable to have the best chosen."
  }

  /// Starts this program again in its own process with the better core in the environment, and with OpenBLAS's own
  /// threads off. Returns only where there is nothing to correct, or where the user has chosen a core.
  public static func correctOrReturn() {
    guard let best, !isAdequate, ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil else {
      return
    }
    setenv("OPENBLAS_CORETYPE", best, 1)
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    var arguments = CommandLine.arguments.map { strdup($0) }
    arguments.append(nil)
    let link = "/proc/self/exe"
    let path = realpath(link, nil)
    RunSignals.passingOn {
      // The system names the process by the path's last part. A file that was removed meanwhile has the link alone.
      if let path { execv(path, arguments) }
      execv(link, arguments)
    }
    free(path)
    for argument in arguments { free(argument) }
  }

  /// GFLOP/s of a product that is large enough for the BLAS's best, on one thread: the best of `runs`.
  public static func measuredSpeed(runs: Int = 5) -> Double {
    let size = 768
    openblas_set_num_threads(1)
    let pool = MemoryPool()
    let (x, y) = (Matrix(rows: size, columns: size, in: pool), Matrix(rows: size, columns: size, in: pool))
    x.fill(1)
    return (0..<runs).map { _ in
      let clock = ContinuousClock()
      let time = clock.measure {
        multiply(
          x.operand(), x.operand(), into: y.pointer, stride: size, rows: size, columns: size, inner: size)
      }
      return 2 * Double(size * size * size) / (time / .nanoseconds(1))
    }.max() ?? 0
  }

  /// GFLOP/s of multiply-adds in this processor's widest vectors, all in registers, on one thread: no product can be
  /// faster. The best of `runs`; nil for a processor that there is no such measurement for.
  public static func measuredPeak(runs: Int = 5) -> Double? {
    guard let widest = best.flatMap(instructionSet(of:)) else { return nil }
    let speeds = (0..<runs).map { _ in
      var operations = 0.0
      let time = ContinuousClock().measure { operations = capstan_multiply_adds(widest) }
      return operations / (time / .nanoseconds(1))
    }
    return speeds.max().flatMap { $0 > 0 ? $0 : nil }
  }
}

extension Backend {
  /// What is wrong with OpenBLAS's choice and what to do; nil where products are our own, as in bfloat16.
  public var warningOfBLAS: String? { precision == .float32 ? BLASCore.warning : nil }
}
