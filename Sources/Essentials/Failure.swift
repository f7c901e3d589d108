/// An error that a user reads: one sentence with what was found, what was expected, and what to do.
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
  }

  public let kind: Kind
  public let description: String

  public init(kind: Kind, description: String) {
    self.kind = kind
    self.description = description
  }

  public var exitCode: Int32 { kind.rawValue }

  public static func runtime(_ sentence: String) -> Failure { Failure(kind: .runtime, description: sentence) }
  public static func usage(_ sentence: String) -> Failure { Failure(kind: .usage, description: sentence) }
  public static func badData(_ sentence: String) -> Failure { Failure(kind: .badData, description: sentence) }
}
