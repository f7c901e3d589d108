import Foundation

/// The cores that the operating system lets this process run on; `mpirun` may have bound it to a few.
public struct Affinity: Equatable, Sendable {
  /// The kernel's mask in hexadecimal, words parted by commas.
  public let mask: String

  public init(mask: String) { self.mask = mask }

  /// Of this process, from `/proc/self/status`; where that is missing, all cores of the machine.
  public static var current: Affinity {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }
    let mask = line?.dropFirst("Cpus_allowed:".count).trimmingCharacters(in: .whitespaces)
    return Affinity(mask: mask ?? String(repeating: "1", count: ProcessInfo.processInfo.activeProcessorCount))
  }

  public var cores: Int { mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount } }
}
