import Datasets
import Foundation
import Support

extension MachineReport {
  /// For people: a line for each property, then the problems.
  public var text: String {
    let lines = machine + libraries + ranks.map { ("rank \($0.rank)", $0.summary) }
    let table = lines.map { $0.padding(toLength: 14, withPad: " ", startingAt: 0) + $1 }
    let verdict =
      problems.isEmpty ? ["Nothing is wrong."] : ["What is wrong:"] + problems.map { "- \($0)" }
    return (table + [""] + verdict).joined(separator: "\n")
  }

  /// For programs: the facts, and the problems as sentences.
  public var json: String {
    get throws {
      struct Report: Encodable {
        let found: MachineReport
        let problems: [String]
      }
      let report = Report(found: self, problems: problems)
      return String(decoding: try JSON.encoder(isIndented: true).encode(report), as: UTF8.self)
    }
  }

  /// Of the first rank's machine.
  private var machine: [(String, String)] {
    guard let first = ranks.first else { return [] }
    let gibibytes = { (bytes: Int) in String(format: "%.1f GiB", Double(bytes) / 0x1p30) }
    let best = first.bestBLASCore ?? first.blasCore
    return [
      (
        "processor",
        "\(first.processor), \(counted(first.machineCores, "core"))"
          + first.quotaText
      ),
      ("memory", "\(gibibytes(first.memory)), \(gibibytes(first.availableMemory)) available"),
      (
        "huge pages",
        "\(first.hugePages.own ?? "none"); for what ranks share: \(first.hugePages.shared ?? "none")"
      ),
      (
        "kernels",
        "\(first.instructionSet ?? "none") "
          + "(this processor has \(first.instructionSets.joined(separator: ", ")))"
      ),
      (
        "BLAS",
        "\(first.blas), \(first.blasCore) kernels"
          + (first.isBLASCoreAdequate ? ", the best for this processor" : "; \(best) would be best")
      ),
      ("BLAS speed", first.speed),
    ]
  }

  private var libraries: [(String, String)] {
    [
      ("MPI", mpi),
      ("HDF5", hdf5),
      ("build", isDebugBuild ? "debug" : "release"),
      ("world", counted(ranks.count, "rank")),
    ]
  }
}

extension RankFacts {
  fileprivate var quotaText: String {
    guard let quota, quota < Double(machineCores) else { return "" }
    return ", of which the container may use \(Doctor.cores(quota))"
  }

  fileprivate var speed: String {
    let measured = String(format: "%.0f GFLOP/s on one thread", blasSpeed)
    guard let peakSpeed, let blasEfficiency else { return measured }
    return measured + String(format: "; the processor's peak is %.0f", peakSpeed)
      + " (\(percent(blasEfficiency)); at least \(percent(MachineReport.expectedEfficiency)) is to be expected)"
  }

  fileprivate var summary: String {
    let places = cores.count == 1 ? "core" : "cores"
    return "\(host), \(places) \(ranges(cores)), \(counted(threads, "thread")), "
      + String(format: "%.0f GFLOP/s", blasSpeed)
  }
}

/// Ascending numbers, as in 0-3, 6.
private func ranges(_ numbers: [Int]) -> String {
  numbers.reduce(into: [ClosedRange<Int>]()) { ranges, number in
    if let last = ranges.last, last.upperBound + 1 == number {
      ranges[ranges.count - 1] = last.lowerBound...number
    } else {
      ranges.append(number...number)
    }
  }
  .map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
  .joined(separator: ", ")
}
