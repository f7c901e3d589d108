import Collectives
import Configuration
import Datasets
import Foundation
import Support
import Tensors

/// What must be the same on all ranks, or they would train different things together: the program, the configuration,
/// the files that it names, the order of bytes.
struct LaunchConsistency {
  /// Each thing with what it is on this rank, in the order in which they are told of.
  private let facts: [(name: String, value: String)]

  /// - Throws: `Failure` when the program itself or a file cannot be read.
  init(_ configuration: Configuration) throws {
    var configuration = configuration
    // Machines may have different numbers of cores.
    configuration.run.threads = nil
    let stores = try EmbeddingStore.files(
      matching: configuration.data.train.files + configuration.data.validation.files)
    let folders = [
      configuration.data.tokenizer, configuration.model.section.weightsDirectory,
      configuration.model.initialModel,
    ]
    facts =
      try [
        ("the order of bytes", 1.littleEndian == 1 ? "little-endian" : "big-endian"),
        ("the program", Fingerprint(ofFile: "/proc/self/exe").description),
        ("the configuration", configuration.yaml()),
      ]
      + Self.files(stores + folders.compactMap(\.self)).map {
        ($0, try Fingerprint(samplingFile: $0).description)
      }
  }

  /// The files, and those in folders.
  private static func files(_ paths: [String]) throws -> [String] {
    try paths.flatMap { path in
      guard FileKind(following: path) == .directory else { return [path] }
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { "\(path)/\($0)" }
    }.filter { FileKind(following: $0).map { $0 != .directory } ?? false }
  }

  /// - Throws: `Failure.usage`, on all ranks, that names the first thing in which a rank differs from rank 0.
  func require(on communicator: Communicator) throws {
    let mine = Array(facts.map { "\($0.name)\0\($0.value)" }.joined(separator: "\0").utf8)
    let digest = Array(Fingerprint(of: mine).description.utf8)
    let digests = communicator.allGather(digest)
    guard let other = digests.firstIndex(where: { $0 != digests[0] }) else { return }
    // Only now is it worth sending everything.
    let all = communicator.allGather(mine).map {
      $0.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }
    try communicator.agree {
      throw Self.failure(
        all[0], all[other], "rank 0 (\(communicator.hosts[0]))",
        "rank \(other) (\(communicator.hosts[other]))")
    }
  }

  /// What to say of two ranks' facts, names and values in turn, which are not the same.
  static func failure(_ first: [String], _ second: [String], _ firstRank: String, _ secondRank: String)
    -> Failure
  {
    let place = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
    guard first.count == second.count else {
      return .badData(
        "The list of files that the configuration names is not the same on \(firstRank) and \(secondRank); copy them to "
          + "all hosts, or put them on a file system that they share.")
    }
    let name = first[place & ~1]
    let (here, there) = (first[place | 1], second[place | 1])
    switch name {
    case "the configuration":
      let lines = zip(here.split(separator: "\n"), there.split(separator: "\n")).first { $0 != $1 }
      let difference = lines.map {
        " (“\($0.trimmingCharacters(in: .whitespaces))” and “\($1.trimmingCharacters(in: .whitespaces))”)"
      }
      return .usage(
        "The configurations of \(firstRank) and \(secondRank) differ\(difference ?? ""); start all ranks with the same file "
          + "and the same --set.")
    case "the program":
      return .usage(
        "The programs of \(firstRank) and \(secondRank) differ; put the same build of capstan on all hosts.")
    case "the order of bytes":
      return .usage(
        "The order of bytes differs: \(firstRank) is \(here), \(secondRank) \(there); use machines of one kind."
      )
    default:
      return .badData(
        "\(name) is not the same file on \(firstRank) and \(secondRank); copy one of them to all hosts, or put it on a "
          + "file system that they share.")
    }
  }
}

extension Communicator {
  /// Before a run: waits end after its limit, and what ranks would do differently is refused.
  /// - Throws: `Failure`, on all ranks.
  func prepare(for configuration: Configuration, on backend: Backend) throws {
    stallLimit = .seconds(configuration.run.stallLimit)
    guard size > 1 else { return }
    try agree { try LaunchConsistency(configuration) }.require(on: self)
    try requireSameProducts(of: backend)
  }
}
