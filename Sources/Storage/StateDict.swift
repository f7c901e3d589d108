import Essentials
import Foundation

/// The named arrays of a model, mapped and not converted, in whichever files they come.
///
/// - safetensors: a file, or shards under an index `*.safetensors.index.json`;
/// - PyTorch: a state dict that `torch.save` wrote in the zip or the legacy form (`.pt`, `.bin`), or shards under an
///   index `*.bin.index.json`. Nothing in it is executed. A training program's dictionary around the state dict
///   (`state_dict`, `model_state_dict`, `model`) is looked through;
/// - a Hugging Face directory with one of these.
public struct StateDict: Sendable {
  /// What was read: of a directory, the file in it.
  public let path: String
  public private(set) var arrays: [String: StoredArray]
  /// The metadata of a single safetensors file.
  public private(set) var metadata: [String: String] = [:]

  /// - Throws: `Failure.badData` when there is no such file, or it is not to the letter what it seems to be.
  public init(path: String) throws {
    self.path = try Self.file(at: path)
    if self.path.hasSuffix(Self.indexSuffix) {
      arrays = try Self.shards(index: self.path)
    } else {
      (arrays, metadata) = try Self.content(of: self.path)
    }
  }

  private static let indexSuffix = ".index.json"

  /// What Hugging Face calls the weights of a directory, in the order in which it looks for them.
  private static let fileNames = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]

  private static func file(at path: String) throws -> String {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue
    else {
      return path
    }
    guard let file = fileNames.map({ "\(path)/\($0)" }).first(where: FileManager.default.fileExists) else {
      throw Failure.badData(
        "\(path) has no weights: none of \(fileNames.joined(separator: ", ")) is in it; name the file with the weights."
      )
    }
    return file
  }

  private static func content(of path: String) throws -> ([String: StoredArray], [String: String]) {
    if try isSafetensors(path) {
      let file = try SafetensorsFile(path: path)
      let arrays = try file.names.map { ($0, try file.array($0)) }
      return (Dictionary(uniqueKeysWithValues: arrays), file.metadata)
    }
    return (try torchArrays(path), [:])
  }

  /// By the name, or else by the first bytes: the length of a header that fits into the file and begins with a brace.
  private static func isSafetensors(_ path: String) throws -> Bool {
    if path.hasSuffix(".safetensors") { return true }
    let bytes = try Data(mapping: path)
    guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
    let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    return length <= bytes.count - 8
  }

  private static func torchArrays(_ path: String) throws -> [String: StoredArray] {
    let value = try TorchFile.read(path)
    let wrappers = ["state_dict", "model_state_dict", "model"]
    let inner = wrappers.lazy.compactMap { value[$0] }.first { tensors(of: $0) != nil }
    guard let tensors = tensors(of: inner ?? value) else {
      throw Failure.badData(
        "\(path) holds no state dict, which is a dictionary of named tensors; save model.state_dict() with torch.save."
      )
    }
    return tensors
  }

  /// The tensors under strings in a dictionary, such as a state dict with a step count beside them; nil when there are
  /// none.
  private static func tensors(of value: PickleValue) -> [String: StoredArray]? {
    guard case .dictionary(let pairs) = value else { return nil }
    let named = pairs.compactMap { pair in
      pair.key.string.flatMap { name in pair.value.tensor.map { (name, $0.array) } }
    }
    return named.isEmpty ? nil : Dictionary(named) { $1 }
  }

  /// What the index of sharded weights says that concerns their reader.
  private struct ShardIndex: Decodable {
    let weightMap: [String: String]

    private enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
  }

  private static func shards(index path: String) throws -> [String: StoredArray] {
    guard let index = try? JSONDecoder().decode(ShardIndex.self, from: Data(mapping: path)) else {
      throw Failure.badData(
        "\(path) is not an index of sharded weights: it needs an object weight_map of names and files; fetch it anew."
      )
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var arrays: [String: StoredArray] = [:]
    for (file, names) in Dictionary(grouping: index.weightMap.keys, by: { index.weightMap[$0] ?? "" }) {
      guard !file.isEmpty, !file.contains("/") else {
        throw Failure.badData(
          "\(path) names the shard \(file.prefix(80).debugDescription), but shards lie beside their index; fetch it anew."
        )
      }
      let shard = try content(of: "\(folder)/\(file)").0
      for name in names {
        guard let array = shard[name] else {
          throw Failure.badData(
            "\(folder)/\(file) has no \(name), which \(path) says it has; the two do not belong together, so fetch them "
              + "anew.")
        }
        arrays[name] = array
      }
    }
    return arrays
  }
}
