import Foundation
import Support

/// The named arrays of a model, mapped and not converted, in whichever files they come.
///
/// - safetensors: a file, or shards under an index `*.safetensors.index.json`;
/// - PyTorch: a state dict that `torch.save` wrote in the zip or the legacy form (`.pt`, `.bin`), or shards under an
///   index `*.bin.index.json`. Nothing in it is executed. What a training program saved with the state dict is passed
///   over, and the state dict is found under whatever keys it has;
/// - a Hugging Face directory with one of these.
public struct StateDict: Sendable {
  /// What was read: of a directory, the file in it.
  public let path: String
  public private(set) var arrays: [String: StoredArray]
  /// The metadata of a single safetensors file.
  public private(set) var metadata: [String: String] = [:]
  /// The keys in a training program's file that the arrays were under, joined by points; nil: under none.
  public private(set) var key: String?
  /// What the file has beside the arrays, by its keys.
  public private(set) var passedOver: [String] = []

  /// - Parameter key: the keys of the arrays, joined by points, or what their names begin with before a point; nil: of
  ///   the model's own, where their keys tell.
  /// - Throws: `Failure.badData` when there is no such file, or it is not to the letter what it seems to be, and
  ///   `Failure.usage` when `key` leads to nothing.
  public init(path: String, key: String? = nil) throws {
    let file = try Self.file(at: path)
    self = try file.hasSuffix(Self.indexSuffix) ? StateDict(index: file) : StateDict(file: file, key: key)
    if let key, self.key != key { try select(key) }
  }

  /// - Parameter path: where the arrays are from.
  public init(path: String, arrays: [String: StoredArray]) {
    self.path = path
    self.arrays = arrays
  }

  private init(file path: String, key: String?) throws {
    self.path = path
    try Self.requireWeights(path)
    if try Self.isSafetensors(path) {
      let file = try SafetensorsFile(path: path)
      arrays = Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.array($0)) })
      metadata = file.metadata
      return
    }
    let value = try TorchFile.read(path)
    let found = value["clip_embedding"] == nil ? TorchStateDicts(in: value) : TorchStateDicts(in: .none)
    let taken =
      found.entries.first { $0.key == key }.map { [$0] } ?? found.model.map { [$0] } ?? found.entries
    guard let first = taken.first else { throw Self.noStateDict(in: value, path) }
    if taken.count == 1 {
      self.key = first.key.isEmpty ? nil : first.key
      arrays = first.tensors.mapValues(\.array)
    } else {
      // Parts of one model, or several models, which their names will tell.
      arrays = [:]
      for entry in taken {
        for (name, tensor) in entry.tensors { arrays["\(entry.key).\(name)"] = tensor.array }
      }
    }
    passedOver = found.others(than: taken)
  }

  private static let indexSuffix = ".index.json"

  /// What Hugging Face calls the weights of a directory, in the order in which it looks for them.
  private static let fileNames = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
  ]

  private static func file(at path: String) throws -> String {
    guard FileKind(following: path) == .directory else { return path }
    guard let file = fileNames.map({ "\(path)/\($0)" }).first(where: FileManager.default.fileExists) else {
      throw Failure.badData(
        "\(path) has no weights: none of \(fileNames.joined(separator: ", ")) is in it; name the file with the weights."
      )
    }
    return file
  }

  /// Keeps the arrays whose names begin with `key` and a point.
  private mutating func select(_ key: String) throws {
    var (selected, others): ([String: StoredArray], Set<String>) = ([:], [])
    for (name, array) in arrays {
      if name.hasPrefix("\(key).") {
        selected[String(name.dropFirst(key.count + 1))] = array
      } else {
        others.insert(String(name.prefix { $0 != "." }))
      }
    }
    guard !selected.isEmpty else {
      let known = passedOver + others.sorted()
      throw Failure.usage(
        "\(path) has no weights under \(key), but \(known.prefix(10).joined(separator: ", ")); name the key of "
          + "the model's state dict.")
    }
    (self.key, arrays) = (key, selected)
    passedOver += others.sorted()
  }

  // MARK: - What is no state dict

  /// - Throws: `Failure.badData` that says what the file is, where its first bytes show that it holds no weights.
  private static func requireWeights(_ path: String) throws {
    guard let kind = try FileSignature(path: path) else { return }
    let advice =
      switch kind {
      case .hdf5: "`capstan data info \(path)` tells what is in it"
      case .numpyArray, .numpyArchive, .parquet: "embeddings are for `capstan data import`"
      case .webPage, .gitLFSPointer: "download the file itself, for example by `git lfs pull` or `gdown`"
      case .gzip: "unpack it"
      case .gguf, .picture, .text: "name the file with the weights"
      }
    throw Failure.badData(
      "\(path) is \(kind.inWords), but weights were expected, by torch.save or in safetensors; \(advice).")
  }

  private static func noStateDict(in value: PickleValue, _ path: String) -> Failure {
    if value["clip_embedding"] != nil {
      return .badData(
        "\(path) holds embeddings and captions, as ClipCap's pickles do, and no weights; make a store of it with "
          + "`capstan data import \(path) --encoder NAME --out FILE.h5`.")
    }
    if case .opaque(let name) = value {
      return .badData(
        "\(path) holds an object of \(name), and Capstan never runs what would make one; save its weights alone in "
          + "Python, where you trust the file: torch.save(torch.load(\"\(path)\", weights_only=False).state_dict(), "
          + "\"weights.pt\").")
    }
    return .badData(
      "\(path) holds no state dict, which is a dictionary of named tensors; save model.state_dict() with torch.save."
    )
  }

  /// By the name, or else by the first bytes: the length of a header that fits into the file and begins with a brace.
  private static func isSafetensors(_ path: String) throws -> Bool {
    if path.hasSuffix(".safetensors") { return true }
    let bytes = try Data(mapping: path)
    guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
    let length = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    return length <= bytes.count - 8
  }

  // MARK: - Shards

  /// What the index of sharded weights says that concerns their reader.
  private struct ShardIndex: Decodable {
    let weightMap: [String: String]
  }

  private init(index path: String) throws {
    guard let index = try? JSON.decoder().decode(ShardIndex.self, from: Data(mapping: path)) else {
      throw Failure.badData(
        "\(path) is not an index of sharded weights: it needs an object weight_map of names and files; download it again."
      )
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    self.path = path
    arrays = [:]
    for (file, names) in Dictionary(grouping: index.weightMap.keys, by: { index.weightMap[$0] ?? "" }) {
      guard !file.isEmpty, !file.contains("/") else {
        throw Failure.badData(
          "\(path) names the shard \(file.prefix(80).debugDescription), but shards lie beside their index; download it again."
        )
      }
      let shard = try StateDict(file: "\(folder)/\(file)", key: nil).arrays
      for name in names {
        guard let array = shard[name] else {
          throw Failure.badData(
            "\(folder)/\(file) has no \(name), which \(path) says it has; the two do not belong together, so fetch them "
              + "anew.")
        }
        arrays[name] = array
      }
    }
  }
}
