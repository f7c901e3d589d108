import Foundation

extension PickleTerm {
  /// A contiguous tensor, as torch's `Tensor.__reduce_ex__` describes it.
  static func tensor(shape: [Int], storage: PickleTerm) -> PickleTerm {
    let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    return .call(
      PickleGlobal.Function.rebuildTensor.rawValue,
      [
        storage, .integer(0), .tuple(shape.map(PickleTerm.integer)), .tuple(strides.map(PickleTerm.integer)),
        .bool(false), .orderedDictionary([]),  // requires no gradient and has no hooks
      ])
  }

  /// A storage that lies elsewhere in the file: torch's persistent id.
  static func storage(_ key: String, element: ElementType, count: Int, _ more: PickleTerm...) -> PickleTerm {
    let fields: [PickleTerm] = [
      .string("storage"), .global(element.torchStorageClass), .string(key), .string("cpu"), .integer(count),
    ]
    return .persistent(.tuple(fields + more))
  }

  /// A tensor as `pickle.dump` writes it: its storage is a file in torch's legacy form (`TorchLegacy`) within
  /// the pickle. Needs protocol 4.
  ///
  /// Throws `Failure.runtime` where no file holds a tensor of that shape.
  public static func tensor(_ entry: ArrayEntry) throws -> PickleTerm {
    let count = try entry.count()
    let byteCount = try entry.byteCount()
    var head = Data(TorchLegacy.magic)
    head += try PickleWriter.data(.integer(TorchLegacy.version), version: 2)
    let sizes = [("short", 2), ("int", 4), ("long", 4)].map { (key: $0.0, value: PickleTerm.integer($0.1)) }
    let system: [(String, PickleTerm)] = [
      ("protocol_version", .integer(TorchLegacy.version)), ("little_endian", .bool(true)),
      ("type_sizes", .dictionary(sizes)),
    ]
    head += try PickleWriter.data(.dictionary(system), version: 2)
    head += try PickleWriter.data(
      .storage("0", element: entry.element, count: count, .none), version: 2)
    head += try PickleWriter.data(.list(AnySequence([.string("0")])), version: 2)
    head.append(littleEndian: Int64(count))

    let file = PickleTerm.bytes(count: head.count + byteCount) { [head] sink in
      try head.withUnsafeBytes(sink)
      try entry.write(to: "the pickle", sink)
    }
    return .tensor(
      shape: entry.shape, storage: .call(PickleGlobal.Function.loadFromBytes.rawValue, [file]))
  }
}

extension ElementType {
  /// torch's class of storages of this type.
  var torchStorageClass: String {
    switch self {
    case .float16: "torch.HalfStorage"
    case .bfloat16: "torch.BFloat16Storage"
    case .float32: "torch.FloatStorage"
    case .float64: "torch.DoubleStorage"
    case .int8: "torch.CharStorage"
    case .int16: "torch.ShortStorage"
    case .int32: "torch.IntStorage"
    case .int64: "torch.LongStorage"
    case .uint8: "torch.ByteStorage"
    case .bool: "torch.BoolStorage"
    }
  }
}
