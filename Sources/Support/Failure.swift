import Foundation

/// An error that a user reads: one sentence with what was found, what was expected, and what to do.
///
/// What it quotes may come from a hostile file. So it is one line without control characters, which a terminal
/// would obey, and not longer than people read.
///
/// The kind decides the exit code of the command line.
public struct Failure: Error, Equatable, CustomStringConvertible {
  public enum Kind: Int32, Sendable {
    /// The machine, the launch or the run itself failed.
    case runtime = 1
    /// The command line or the configuration asks for something that cannot be (EX_USAGE).
    case usage = 64
    /// A file is not what it should be (EX_DATAERR).
    case badData = 65
    /// A signal asked for the end; 128 and SIGTERM's number, as a shell has it.
    case interrupted = 143
  }

  public let kind: Kind
  public let description: String

  public init(kind: Kind, description: String) {
    self.kind = kind
    self.description = description.printableLine(longest: 1000)
  }

  public var exitCode: Int32 { kind.rawValue }

  public static func runtime(_ sentence: String) -> Failure { Failure(kind: .runtime, description: sentence) }
  public static func usage(_ sentence: String) -> Failure { Failure(kind: .usage, description: sentence) }
  public static func badData(_ sentence: String) -> Failure { Failure(kind: .badData, description: sentence) }
  public static func interrupted(_ sentence: String) -> Failure {
    Failure(kind: .interrupted, description: sentence)
  }

  /// Says it on standard error.
  /// - Parameter place: where it happened, as in “ (rank 3)”.
  public func report(_ place: String = "") {
    StandardStreams.say("capstan\(place): \(self)\n")
  }

  /// What the system refused to do to a file.
  /// - Parameter number: of `errno`.
  public static func system(_ action: String, _ number: Int32 = errno) -> Failure {
    .runtime(
      "Could not \(action): \(String(cString: strerror(number))); free some space, fix permissions, or choose another "
        + "place.")
  }
}
