import FileFormats

/// A language model on disk as others publish it: a Hugging Face directory.
public struct PretrainedLanguageModel {
  public let path: String
  public let configuration: any LanguageModelConfiguration

  /// - Throws: `Failure.badData` when it is unreadable or no model of ``LanguageModelFamilies``.
  public init(_ path: String) throws {
    self.path = path
    configuration = try LanguageModelFamilies.configuration(contentsOf: path + "/config.json")
  }

  /// - Throws: `Failure.badData` when the weights cannot be read.
  public func stateDict() throws -> StateDict { try StateDict(path: path) }
}
