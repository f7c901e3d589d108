import FileFormats
import Foundation
import Support
import Testing

/// Indices of sharded weights that lie, and directories without weights.
@Suite struct ShardTests {
  private static let shard = "pytorch_model-00001-of-00002.bin"

  private static let indices: [(index: String, words: String)] = [
    ("no JSON", "not an index of sharded weights"), ("{}", "not an index of sharded weights"),
    (#"{"weight_map": {"a": 1}}"#, "not an index of sharded weights"),
    (#"{"weight_map": {"a": "../x.bin"}}"#, "shards lie beside their index"),
    (#"{"weight_map": {"a": "/etc/passwd"}}"#, "shards lie beside their index"),
    (#"{"weight_map": {"a": ""}}"#, "shards lie beside their index"),
    (#"{"weight_map": {"a": "none.bin"}}"#, "none.bin cannot be opened"),
    (#"{"weight_map": {"a": "\#(shard)"}}"#, "has no a, which"),
    // An index is no shard.
    (#"{"weight_map": {"a": "model.bin.index.json"}}"#, "model.bin.index.json"),
  ]

  @Test(arguments: indices) func anIndexThatLiesIsRefused(index: String, words: String) throws {
    try GoldenModels.inDirectory { directory in
      try FileManager.default.copyItem(
        atPath: "\(GoldenModels.folder)/gpt2-bin-sharded/\(Self.shard)", toPath: "\(directory)/\(Self.shard)")
      let path = directory + "/model.bin.index.json"
      try Data(index.utf8).write(to: URL(fileURLWithPath: path))
      expectFailure(.badData, words) { _ = try StateDict(path: path) }
    }
  }

  @Test func aDirectoryWithoutWeightsIsRefused() throws {
    try GoldenModels.inDirectory { directory in
      expectFailure(.badData, "has no weights", "model.safetensors") { _ = try StateDict(path: directory) }
      expectFailure(.badData, "cannot be opened") { _ = try StateDict(path: directory + "/none.pt") }
    }
  }

  /// Tensors under other keys than strings, or none at all.
  @Test func whatIsNoStateDictIsRefused() throws {
    try GoldenModels.inDirectory { directory in
      let path = directory + "/list.pt"
      try Data([0x80, 2, UInt8(ascii: "]"), UInt8(ascii: ".")]).write(to: URL(fileURLWithPath: path))
      expectFailure(.badData, "holds no state dict", "torch.save") { _ = try StateDict(path: path) }
    }
  }
}
