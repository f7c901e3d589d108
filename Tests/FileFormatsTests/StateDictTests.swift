import Foundation
import Support
import Testing

@testable import FileFormats

/// What training programs save, by PyTorch itself (`Golden/Checkpoints/make.py`).
@Suite struct StateDictTests {
  private static func read(_ name: String, key: String? = nil) throws -> StateDict {
    let golden = try #require(Bundle.module.resourceURL).appendingPathComponent("Golden/Checkpoints")
    return try StateDict(path: golden.appendingPathComponent("\(name).pt").path, key: key)
  }

  /// Whose weights are the model's, or ten times that, a moving average's.
  private func expect(
    _ state: StateDict, under key: String?, beside others: [String], factor: Float = 1, prefix: String = ""
  ) {
    #expect(state.key == key)
    #expect(state.passedOver == others)
    #expect(state.arrays["\(prefix)a.weight"]?.floats() == [0, 1, 2, 3, 4, 5].map { $0 * factor })
    #expect(state.arrays["\(prefix)a.bias"]?.floats() == [6, 7].map { $0 * factor })
  }

  @Test(
    arguments: [
      ("plain", nil, []), ("arguments", "model", ["args (argparse.Namespace)", "epoch"]),
      ("numpy", "model_state_dict", ["best", "random"]),
      (
        "collections", "model",
        [
          "counter (collections.Counter)", "fixed (__builtin__.frozenset)", "log",
          "queue (collections.deque)",
          "seen (__builtin__.set)",
        ]
      ),
      ("net", "net", ["epoch"]), ("captioner", "captioner", ["epoch", "rng"]),
      ("nested", "checkpoint.model.state_dict", ["losses"]), ("default", "model", []),
      ("lightning", "state_dict", ["callbacks", "epoch", "optimizer_states"]),
      ("average", "model", ["model_ema (2 tensors)"]), ("two", "state_dict", ["model (2 tensors)"]),
      ("subclass", "state_dict", ["model (__main__.State)"]),
    ] as [(String, String?, [String])])
  func modelsOwnStateDict(name: String, key: String?, others: [String]) throws {
    expect(try Self.read(name), under: key, beside: others)
  }

  @Test(arguments: ["objects", "objects-legacy"]) func objectsArePassedOver(name: String) throws {
    let others = [
      "device (torch.device)", "node (__main__.Node)", "phase (__main__.Phase)", "random",
      "saved (datetime.datetime)", "type (torch.float16)",
    ]
    expect(try Self.read(name), under: "model", beside: others)
  }

  @Test func numbersThatAreNotRead() throws {
    expect(try Self.read("complex"), under: "model", beside: ["waves (torch.ComplexFloatStorage)"])
    // There the lengths of storages depend on their types.
    expectRefusal("is not as it is declared", of: "complex-legacy") { _ = try Self.read("complex-legacy") }
  }

  @Test func movingAverages() throws {
    expect(try Self.read("only-average"), under: "ema", beside: ["step"], factor: 10)
    expect(
      try Self.read("average", key: "model_ema"), under: "model_ema", beside: ["model (2 tensors)"],
      factor: 10)
    expect(try Self.read("two", key: "model"), under: "model", beside: ["state_dict (2 tensors)"], factor: 10)
    for key in ["ema", "model_ema", "state_dict_ema", "EMA.model", "swa_model", "averaged_model"] {
      #expect(isMovingAverage(key), "\(key)")
    }
    for key in ["", "model", "schema", "module", "gpt.emanate"] { #expect(!isMovingAverage(key), "\(key)") }
  }

  /// Where no key tells which is the model's, all are there under their keys.
  @Test func severalUnderUnknownKeys() throws {
    let state = try Self.read("parts")
    expect(state, under: nil, beside: [], prefix: "first.")
    expect(state, under: nil, beside: [], factor: 10, prefix: "second.")
    expect(try Self.read("parts", key: "second"), under: "second", beside: ["first (2 tensors)"], factor: 10)
    let failure = #expect(throws: Failure.self) { _ = try Self.read("parts", key: "third") }
    #expect(failure?.kind == .usage)
    #expect(failure?.description.contains("no weights under third, but first, second") == true)
  }

  /// Also the beginning of names in a plain state dict.
  @Test func namesByTheirBeginning() throws {
    let state = try Self.read("plain", key: "a")
    #expect(Set(state.arrays.keys) == ["weight", "bias"])
    #expect(state.key == "a")
  }

  @Test(arguments: [
    ("none", "holds no state dict"), ("object", "an object of argparse.Namespace"),
    ("dataset", "capstan data import"),
  ])
  func whatIsNoStateDict(name: String, words: String) throws {
    expectRefusal(words, of: name) { _ = try Self.read(name) }
  }

  @Test(arguments: [
    ("\u{89}HDF\r\n\u{1A}\n", "HDF5", "capstan data info"), ("<!DOCTYPE html>", "a web page", "download"),
    ("version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
    ("GGUF\0", "GGUF", "weights"),
    ("layers: 12, größe", "is text", "weights"), ("\u{93}NUMPY", "NumPy array", "capstan data import"),
    (
      "PK\u{3}\u{4}" + String(repeating: "\0", count: 22) + "\u{5}\0\0\0a.npy", "(.npz)",
      "capstan data import"
    ),
  ])
  func otherKindsOfFiles(content: String, kind: String, advice: String) throws {
    for suffix in ["pt", "safetensors"] {
      let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).\(suffix)").path
      let bytes = content.data(using: content.contains("größe") ? .utf8 : .isoLatin1)
      try #require(bytes).write(to: URL(fileURLWithPath: path))
      defer { try? FileManager.default.removeItem(atPath: path) }
      expectRefusal(kind, of: content) { _ = try StateDict(path: path) }
      expectRefusal(advice, of: content) { _ = try StateDict(path: path) }
    }
  }
}
