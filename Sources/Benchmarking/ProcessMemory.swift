import Foundation

/// The most memory that this process has had in RAM at a time, in bytes (`VmHWM`); nil where `/proc` is missing.
public func peakResidentBytes() -> Int? { processBytes("VmHWM:") }

/// The memory that this process has in RAM, in bytes; nil where `/proc` is missing.
func residentBytes() -> Int? { processBytes("VmRSS:") }

private func processBytes(_ key: String) -> Int? {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  return status.split(separator: "\n").first { $0.hasPrefix(key) }
    .flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first }
    .flatMap { Int($0) }.map { $0 * 1024 }
}
