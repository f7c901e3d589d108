import Foundation

/// The most memory that this process has had in RAM at a time, in bytes (`VmHWM`); nil where `/proc` is missing.
public func peakResidentBytes() -> Int? {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  return status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    .flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first }
    .flatMap { Int($0) }.map { $0 * 1024 }
}
