import Foundation
import Support

/// The file that is being read, and the number of its case, where the process that survives finds it.
struct CaseFiles {
  let input: String
  private let progress: String

  /// `directory` is there, in memory if possible.
  init(in directory: String) { (input, progress) = ("\(directory)/input", "\(directory)/number") }

  func begin(_ number: Int, with bytes: [UInt8]) throws {
    // A new file, for the last may still be mapped.
    unlink(input)
    try Data(bytes).write(to: URL(fileURLWithPath: input))
    try Data("\(number)".utf8).write(to: URL(fileURLWithPath: progress))
  }

  /// The case that was begun last.
  var number: Int? { (try? String(contentsOfFile: progress, encoding: .utf8)).flatMap(Int.init) }
}
