import FileFormats
import Foundation
import Interchange
import Models
import Support
import Testing
import Text
import Training

@testable import Configuration
@testable import Runs

/// Hugging Face directories as transformers, llm.c and nanoGPT leave them.
@Suite struct GPT2DirectoryTests {
  private static let size = 257

  /// A copy of the golden GPT-2 with the vocabulary, for changes.
  private func inDirectory(
    rows: Int = size, config change: (inout [String: Any]) -> Void = { _ in },
    _ body: (_ path: String) throws -> Void
  ) throws {
    try GoldenModels.inDirectory { path in
      for file in ["vocab.json", "merges.txt"] {
        try FileManager.default.copyItem(
          atPath: "\(GoldenModels.folder)/vocabulary/\(file)", toPath: "\(path)/\(file)")
      }
      let source = URL(fileURLWithPath: GoldenModels.folder + "/gpt2/config.json")
      var config = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: source)) as? [String: Any])
      config["vocab_size"] = rows
      change(&config)
      try JSONSerialization.data(withJSONObject: config)
        .write(to: URL(fileURLWithPath: path + "/config.json"))
      let weights = try SafetensorsFile(path: GoldenModels.folder + "/gpt2/model.safetensors")
      let entries = try weights.names.map { name in
        var (shape, floats) = (try weights.shape(of: name), try weights.floats(of: name))
        if name.hasSuffix("wte.weight") {
          floats += [Float](repeating: 9, count: (rows - shape[0]) * shape[1])
          shape[0] = rows
        }
        return ArrayEntry(name: name, shape: shape, floats: floats)
      }
      try SafetensorsFile.write(entries, to: path + "/model.safetensors")
      try body(path)
    }
  }

  /// What config.json does not say, and the activation's other name.
  @Test func configurationsAsTheyAre() throws {
    try inDirectory { config in
      config["layer_norm_epsilon"] = nil
      config["n_inner"] = NSNull()
      config["activation_function"] = "gelu_pytorch_tanh"
    } _: { path in
      let size = try GPT2Configuration(contentsOf: path + "/config.json")
      #expect(
        size == GPT2Configuration(vocabularySize: Self.size, positions: 32, width: 16, layers: 2, heads: 2))
      _ = try PortableModel(importing: path, ImportOptions())
    }
    try inDirectory {
      $0 = ["model_type": "gpt2"]
    } _: { path in
      let size = try GPT2Configuration(contentsOf: path + "/config.json")
      #expect(size == GPT2Configuration())
    }
    try inDirectory {
      $0["activation_function"] = "relu"
    } _: { path in
      expectFailure(.badData, "relu", "gelu_pytorch_tanh") {
        _ = try GPT2Configuration(contentsOf: path + "/config.json")
      }
    }
    try inDirectory {
      $0 = [:]
    } _: { path in
      expectFailure(.badData, "is not a GPT-2 configuration") {
        _ = try GPT2Configuration(contentsOf: path + "/config.json")
      }
    }
  }

  /// Rows beyond the vocabulary are left out, with a word, wherever the directory is read.
  @Test func tablesThatAreRoundedUp() throws {
    try inDirectory(rows: 320) { path in
      for model in [
        try PortableModel(importing: path, ImportOptions()), try PortableModel(StoredModel(path)),
      ] {
        #expect(model.sizes.languageModel.vocabularySize == Self.size)
        #expect(model.weights.droppedRows == 63)
        #expect(ModelSummary(model).description.contains("63 rows of the token table"))
      }
      var configuration = Configuration()
      configuration.model.clipCap.languageModel.directory = path
      let tokenizer = try TokenizerDirectory.open(path)
      var inputs = ModelInputs(
        vocabularySize: tokenizer.vocabularySize, tokenizerDirectory: path, embeddingWidth: 512)
      #expect(try configuration.model.section.modelConfiguration(inputs).vocabularySize == Self.size)
      // With another vocabulary it may be a mistake.
      inputs.tokenizerDirectory = GoldenModels.folder + "/vocabulary"
      expectFailure(.usage, "320 tokens", "resize_vocabulary") {
        _ = try configuration.model.section.modelConfiguration(inputs)
      }
    }
    try inDirectory(rows: 257 + 128) { path in
      var options = ImportOptions()
      options.tokenizer = GoldenModels.folder + "/vocabulary"
      expectFailure(.usage, "385 rows", "--tokenizer") { _ = try PortableModel(importing: path, options) }
    }
  }

  /// A token that was added has a row, and stays.
  @Test func addedTokens() throws {
    try inDirectory(rows: 258) { path in
      try Data(#"{"[PAD]": 257}"#.utf8).write(to: URL(fileURLWithPath: path + "/added_tokens.json"))
      let model = try PortableModel(importing: path, ImportOptions())
      #expect(model.tokenizer.encode("a[PAD]").last == 257 && model.weights.droppedRows == 0)
      try model.write(.model, to: path + "/out")
      let again = try PortableModel(StoredModel(path + "/out"))
      #expect(again.tokenizer.encode("a[PAD]").last == 257)
    }
  }
}
