import ArgumentParser
import Essentials
import Foundation

/// What the commands that write data have in common: when to write over a file, and how to tell what was
/// written.
struct DataOutput: ParsableArguments {
  @Flag(help: "Write over an existing file.")
  var force = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  /// Throws `Failure.usage` where a file is there that may not be written over.
  func requireFree(_ path: String) throws {
    guard force || !FileManager.default.fileExists(atPath: path) else {
      throw Failure.usage("\(path) exists already; choose another name, or write over it with --force.")
    }
  }

  func tell(_ report: some Encodable & CustomStringConvertible, of path: String) throws {
    json ? try printJSON(report) : print("\(path): \(report)")
  }
}

/// An option of the form `NAME=VALUE`.
struct NamedValue: ExpressibleByArgument {
  let name: String
  let value: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
    name = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
  }

  /// Throws `Failure.usage` where the value is no number of the type.
  func number<Number: LosslessStringConvertible>(_ type: Number.Type, for option: String) throws -> Number {
    guard let number = Number(value) else {
      throw Failure.usage("\(option) \(name)=\(value) has no number behind the sign; write \(name)=N.")
    }
    return number
  }
}
