import Support

/// Reads one input after the other in this process, which a bad one may well end.
struct CaseRun {
  /// Bytes by which the process may grow over the later three quarters of its cases.
  private static let growth = 8 << 20

  let reader: FuzzedReader
  let cases: FuzzCases
  let numbers: Range<Int>
  let files: CaseFiles

  /// Throws `Failure.runtime` when a reader fails otherwise than it should, or memory leaks.
  func run() throws {
    try ReadingLimits.limitMemory()
    var (taken, settled) = (0, 0)
    for number in numbers {
      try files.begin(number, with: cases.input(number))
      ReadingLimits.limitTime()
      if try reader.refusal(of: files.input) == nil { taken += 1 }
      if number == numbers.lowerBound + numbers.count / 4 { settled = ProcessMemory().resident }
    }
    let resident = ProcessMemory().resident
    print(
      "\(reader.rawValue): \(numbers.count) cases from \(numbers.lowerBound) on, of which \(taken) were read; "
        + "memory \(settled >> 10) KiB after a quarter, \(resident >> 10) KiB at the end")
    guard resident - settled < Self.growth else { throw Failure.runtime("Memory leaks.") }
  }
}
