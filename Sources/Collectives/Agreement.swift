import Support

/// A failure that all ranks know of, so that each can end in order: rank 0 says it, the others keep silent.
public struct CollectiveFailure: Error {
  public let failure: Failure
}

extension Communicator {
  /// Runs what may fail on some ranks and not on others, and makes all succeed or fail together.
  /// - Throws: ``CollectiveFailure`` with the lowest failing rank's failure, on all ranks.
  public func agree<Result>(_ body: () throws -> Result) throws -> Result {
    var failure: Failure?
    var result: Result?
    do { result = try body() } catch let thrown as Failure { failure = thrown } catch {
      failure = .runtime("\(error)")
    }
    let kinds = allGather([failure?.exitCode ?? 0])
    let sentences = allGather(Array((failure?.description ?? "").utf8))
    guard let failing = kinds.firstIndex(where: { $0 != [0] }) else {
      if let result { return result }
      throw Failure.runtime("A phase ended without result or failure.")
    }
    let kind = Failure.Kind(rawValue: kinds[failing][0]) ?? .runtime
    let sentence = String(decoding: sentences[failing], as: UTF8.self)
    throw CollectiveFailure(
      failure: Failure(kind: kind, description: failing == 0 ? sentence : "On rank \(failing): \(sentence)"))
  }

  /// Whether any rank says yes.
  public func anyRank(_ flag: Bool) -> Bool { allGather([flag]).contains([true]) }
}
