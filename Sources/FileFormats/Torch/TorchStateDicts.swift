/// The state dicts in what a training program saved: dictionaries in which strings name tensors, at least one of them
/// a matrix of floating-point numbers. Beside the model's own there may be that of its moving average.
struct TorchStateDicts {
  struct Entry {
    /// The keys that lead to it, joined by points; empty where it is the whole file.
    let key: String
    let tensors: [String: TorchTensor]
  }

  private(set) var entries: [Entry] = []
  /// What is no state dict, nor has one in it, by its keys; an object also by its class.
  private var others: [String] = []
  /// How many pairs may still be looked at: a pickle can have the same dictionary in many places.
  private var allowance = 1 << 22
  /// Levels of keys above a state dict, as in `{"checkpoint": {"model": {"state_dict": …}}}`.
  private static let deepest = 3

  init(in value: PickleValue) { collect(value, key: "", levels: Self.deepest) }

  private mutating func collect(_ value: PickleValue, key: String, levels: Int) {
    guard case .dictionary(let pairs) = value, pairs.count <= allowance else { return }
    allowance -= pairs.count
    var tensors: [String: TorchTensor] = [:]
    for pair in pairs {
      guard let name = pair.key.string else { continue }
      if let tensor = pair.value.tensor {
        tensors[name] = tensor
      } else if levels > 0 {
        let found = entries.count
        let path = key.isEmpty ? name : "\(key).\(name)"
        collect(pair.value, key: path, levels: levels - 1)
        if key.isEmpty, entries.count == found { others.append(description(of: pair.value, path)) }
      }
    }
    if tensors.values.contains(where: { $0.element.isFloatingPoint && $0.shape.count == 2 }) {
      entries.append(Entry(key: key, tensors: tensors))
    } else if key.isEmpty {
      others += tensors.keys
    }
  }

  private func description(of value: PickleValue, _ key: String) -> String {
    if case .opaque(let name) = value { "\(key) (\(name))" } else { key }
  }

  /// What training programs call the state dict of the model itself, the surest name first.
  private static let names = [
    "state_dict", "model_state_dict", "model", "module", "net", "network", "weights",
  ]

  /// The state dict that is the model's by its key: no moving average, and of several the one with a usual name. Nil
  /// where no key tells.
  var model: Entry? {
    let own = entries.filter { !isMovingAverage($0.key) }
    let candidates = own.isEmpty ? entries : own
    if candidates.count == 1 { return candidates[0] }
    return (Self.names + [""]).lazy.compactMap { name in candidates.first { $0.key == name } }.first
  }

  /// What the file has beside some state dicts, sorted.
  func others(than taken: [Entry]) -> [String] {
    let keys = Set(taken.map(\.key))
    let entries = entries.filter { !keys.contains($0.key) && !$0.key.isEmpty }
    return (others + entries.map { "\($0.key) (\($0.tensors.count) tensors)" }).sorted()
  }
}

/// Whether a key, or what stands before a weight's name, tells of a moving average: `ema`, `model_ema`, `swa_model`.
public func isMovingAverage(_ key: String) -> Bool {
  let words = key.lowercased().split { !$0.isLetter }
  return words.contains { ["ema", "swa", "average", "averaged", "avg"].contains($0) }
}
