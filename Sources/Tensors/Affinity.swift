import Foundation
import Support

/// The cores that the operating system lets a process run on; `mpirun` may have bound it to a few.
public struct Affinity: Equatable, Sendable {
  /// The kernel's mask in hexadecimal, words parted by commas.
  public let mask: String

  public init(mask: String) { self.mask = mask }

  /// Of a running process, from `/proc`; nil where that is missing.
  public init?(of process: Int32) {
    guard let mask = SystemFile("/proc/\(process)/status").value(of: "Cpus_allowed") else { return nil }
    self.mask = mask
  }

  /// Of this process; where `/proc` is missing, all cores of the machine.
  public static var current: Affinity {
    Affinity(of: getpid())
      ?? Affinity(mask: String(repeating: "1", count: ProcessInfo.processInfo.activeProcessorCount))
  }

  public var cores: Int { mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The numbers of the cores, ascending. The mask's last digit is for the first four.
  public var coreNumbers: [Int] {
    mask.compactMap(\.hexDigitValue).reversed().enumerated().flatMap { place, digit in
      (0..<4).filter { digit >> $0 & 1 == 1 }.map { 4 * place + $0 }
    }
  }
}
