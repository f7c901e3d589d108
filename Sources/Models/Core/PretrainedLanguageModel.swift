import FileFormats
import Support

/// A language model on disk as others publish it: a Hugging Face directory, or a GGUF file.
public struct PretrainedLanguageModel {
  public let path: String
  public let configuration: any LanguageModelConfiguration
  private let gguf: GGUFFile?

  /// - Throws: `Failure.badData` when it is unreadable or no model of ``LanguageModelFamilies``.
  public init(_ path: String) throws {
    self.path = path
    gguf = try GGUFFile.isGGUF(path) ? GGUFFile(path: path) : nil
    configuration =
      try gguf.map(LanguageModelFamilies.configuration(of:))
      ?? LanguageModelFamilies.configuration(contentsOf: path + "/config.json")
  }

  /// The weights, under Hugging Face's names.
  /// - Throws: `Failure.badData` when they cannot be read.
  public func stateDict() throws -> StateDict {
    try gguf.map { try StateDict(path: path, arrays: configuration.arrays(of: $0)) } ?? StateDict(path: path)
  }
}
