import FileFormats
import Foundation
import Support

/// The language models that Capstan knows: one line each.
public enum LanguageModelFamilies {
  public static let all: [any LanguageModelConfiguration.Type] = [
    GPT2Configuration.self,
    LlamaConfiguration.self,
  ]

  /// - Throws: `Failure.badData` for a model type that none of them is.
  static func family(of modelType: String, source: String) throws -> any LanguageModelConfiguration.Type {
    for family in all where family.modelTypes.contains(modelType) { return family }
    let known = all.flatMap { $0.modelTypes }.joined(separator: ", ")
    throw Failure.badData(
      "\(source) has the model_type \(modelType.printableLine(longest: 40)), but Capstan reads \(known); use such a model."
    )
  }

  static let tokenTables = all.map { $0.tokenTable }

  static func role(ofWeight name: Substring) -> WeightRole? {
    for family in all { if let role = family.role(ofWeight: name) { return role } }
    return nil
  }

  /// Reads the metadata of a GGUF file.
  /// - Throws: `Failure.badData` when they describe no model of these.
  static func configuration(of file: GGUFFile) throws -> any LanguageModelConfiguration {
    for family in all { if let configuration = try family.init(file) { return configuration } }
    let architecture = file.metadata["general.architecture"]?.string ?? "none"
    throw Failure.badData(
      "\(file.path) has a model of the architecture \(architecture.printableLine(longest: 40)), but of GGUF files Capstan "
        + "reads llama, qwen2 and qwen3; convert the model to a Hugging Face directory.")
  }

  /// Reads a Hugging Face `config.json`. One that does not say its model type is taken for GPT-2's.
  /// - Throws: `Failure.badData` when it is unreadable or describes no model of these.
  public static func configuration(contentsOf path: String) throws -> any LanguageModelConfiguration {
    struct File: Decodable { let modelType: String? }
    let file = FileManager.default.contents(atPath: path).flatMap {
      try? JSON.decoder().decode(File.self, from: $0)
    }
    return try family(of: file?.modelType ?? "gpt2", source: path).init(contentsOf: path)
  }
}
