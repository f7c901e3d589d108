import ArgumentParser
import Support

/// What the commands that write data have in common: when to replace a file, and how to tell what was written.
struct DataOutput: ParsableArguments {
  @Flag(help: "Replaces the file.")
  var force = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  /// Throws `Failure.usage` where the file cannot be written, or is there and not to be replaced.
  func requirePlace(_ path: String) throws { try OutputPlace.requireFile(path, replacing: force) }

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
