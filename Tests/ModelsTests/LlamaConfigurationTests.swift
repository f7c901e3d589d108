import Autograd
import Foundation
import Support
import Testing

@testable import Models

@Suite struct LlamaConfigurationTests {
  private static let names = ["mlp-llama", "mlp-qwen2", "mlp-qwen3"]

  private func golden(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Golden/\(name).json"
  }

  /// Writes a golden `config.json` after a change, and gives its path to the body.
  private func with<Result>(
    _ name: String = "mlp-llama", _ change: (inout [String: Any]) -> Void, _ body: (String) throws -> Result
  ) throws -> Result {
    var file = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: golden(name))))
        as? [String: Any])
    change(&file)
    let path = NSTemporaryDirectory() + UUID().uuidString + ".json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try JSONSerialization.data(withJSONObject: file).write(to: URL(fileURLWithPath: path))
    return try body(path)
  }

  @Test(arguments: names) func writtenAndReadAgain(name: String) throws {
    let configuration = try LlamaConfiguration(contentsOf: golden(name))
    let path = NSTemporaryDirectory() + UUID().uuidString + ".json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try configuration.writeConfigJSON(to: path, endOfText: 5)
    #expect(try LlamaConfiguration(contentsOf: path) == configuration)

    let any = AnyLanguageModelConfiguration(configuration)
    let decoded = try JSON.decoder().decode(
      AnyLanguageModelConfiguration.self, from: JSON.encoder().encode(any))
    #expect(decoded == any)
  }

  /// GPT-2's have no model type in what Capstan writes, now as before.
  @Test func withoutAModelTypeItIsAGPT2() throws {
    let size = GPT2Configuration(vocabularySize: 9, positions: 8, width: 4, layers: 1, heads: 2)
    let data = try JSON.encoder().encode(AnyLanguageModelConfiguration(size))
    #expect(!String(decoding: data, as: UTF8.self).contains("model_type"))
    let decoded = try JSON.decoder().decode(AnyLanguageModelConfiguration.self, from: data)
    #expect(decoded.base as? GPT2Configuration == size)
  }

  /// As transformers before version 5 spelled it.
  @Test func formerSpellings() throws {
    let now = try LlamaConfiguration(contentsOf: golden("mlp-llama"))
    try with { file in
      var scaling = file["rope_parameters"] as? [String: Any] ?? [:]
      file["rope_parameters"] = nil
      file["rope_theta"] = scaling.removeValue(forKey: "rope_theta")
      file["rope_scaling"] = scaling
      file["head_dim"] = nil
    } _: { path in
      let former = try LlamaConfiguration(contentsOf: path)
      #expect(former == now)
    }
  }

  static let refusals: [(key: String, value: any Sendable, words: String)] = [
    ("model_type", "mamba", "model_type mamba, but Capstan reads gpt2, llama, qwen2, qwen3"),
    ("hidden_act", "gelu", "hidden_act “gelu”"),
    ("use_sliding_window", true, "use_sliding_window true"),
    ("layer_types", ["full_attention", "sliding_attention"], "layer_types other than full_attention"),
    ("rope_parameters", ["rope_type": "yarn"], "“yarn”"),
    ("rope_parameters", ["rope_type": "llama3"], "“llama3”"),
    ("num_key_value_heads", 4, "num_key_value_heads must divide"),
    ("head_dim", 5, "head_dim must be even"),
    ("vocab_size", 0, "vocab_size 0"),
    ("vocab_size", "many", "is no configuration of a Llama"),
    ("rms_norm_eps", 0, "rms_norm_eps 0.0"),
    (
      "rope_parameters", ["rope_type": "linear", "factor": -1] as [String: any Sendable],
      "factors must be positive"
    ),
  ]

  @Test(arguments: refusals.indices) func refuses(index: Int) throws {
    let (key, value, words) = Self.refusals[index]
    try with {
      $0[key] = value
    } _: { path in
      let failure = #expect(throws: Failure.self) {
        _ = try LanguageModelFamilies.configuration(contentsOf: path)
      }
      #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
    }
  }
}
