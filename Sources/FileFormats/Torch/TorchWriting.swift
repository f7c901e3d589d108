import Foundation
import Support

extension TorchFile {
  /// Writes tensors as `torch.save` writes a state dict: an `OrderedDict` of contiguous tensors by name, in
  /// the zip form, which `torch.load(path, weights_only=True)` reads. The file is complete or absent, and the
  /// same tensors give the same bytes.
  ///
  /// - Parameters:
  ///   - tensors: in order, each produced and written once.
  ///   - aliases: further names of tensors, as `["lm_head.weight": "transformer.wte.weight"]` for a tied
  ///     head; both have the same memory when they are loaded. They come last, sorted.
  /// - Throws: `Failure.runtime` where a name occurs twice, an alias stands for nothing, a tensor comes as
  ///   other than its shape says, or the file cannot be written; and what a tensor throws.
  public static func write(_ tensors: [ArrayEntry], aliases: [String: String] = [:], to path: String) throws {
    let pickle = try PickleWriter.data(stateDictionary(of: tensors, aliases: aliases), version: 2)
    try DurableFile.write(to: path) { temporary in
      let file = try OutputFile(creating: temporary)
      let archive = ZipWriter(file)
      try archive.add("archive/data.pkl", pickle)
      try archive.add("archive/byteorder", Data("little".utf8))
      for (key, tensor) in tensors.enumerated() {
        try archive.add("archive/data/\(key)", size: tensor.byteCount()) { sink in
          try tensor.write(to: path, sink)
        }
      }
      try archive.add("archive/version", Data("3\n".utf8))
      try archive.finish()
      try file.close()
    }
  }

  private static func stateDictionary(of tensors: [ArrayEntry], aliases: [String: String]) throws
    -> PickleTerm
  {
    var items: [(key: String, value: PickleTerm)] = []
    var indices: [String: Int] = [:]
    for (key, tensor) in tensors.enumerated() {
      let storage = PickleTerm.storage("\(key)", element: tensor.element, count: try tensor.count())
      items.append((tensor.name, .tensor(shape: tensor.shape, storage: storage)))
      guard indices.updateValue(key, forKey: tensor.name) == nil else {
        throw Failure.runtime("Could not write a torch file with two tensors of the name \(tensor.name).")
      }
    }
    for (alias, name) in aliases.sorted(by: { $0.key < $1.key }) {
      guard let index = indices[name], indices[alias] == nil else {
        throw Failure.runtime(
          "Could not write a torch file where \(alias) is another name of \(name), for "
            + (indices[name] == nil ? "there is no \(name)." : "\(alias) is a tensor of its own."))
      }
      items.append((alias, items[index].value))
    }
    return .orderedDictionary(items)
  }
}

extension TorchFile {
  /// Writes an object as `pickle.dump` does, in protocol 4. The file is complete or absent.
  ///
  /// Throws `Failure.runtime` where it cannot be written, and what a part of the object throws.
  public static func write(pickleOf term: PickleTerm, to path: String) throws {
    try DurableFile.write(to: path) { temporary in
      let file = try OutputFile(creating: temporary)
      try PickleWriter.write(term, version: 4) { try file.write($0) }
      try file.close()
    }
  }
}
