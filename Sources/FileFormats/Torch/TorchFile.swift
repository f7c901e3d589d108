import Foundation
import Support

/// A file of torch tensors within plain data: `torch.save`'s, in the zip form (torch 1.6 and later) or the
/// legacy form, or `pickle.dump`'s of an object that holds tensors.
///
/// Nothing in the file is executed; see `PickleReader`. Files of TorchScript are programs and are refused.
public enum TorchFile {
  /// Reads the object in the file at `path`, its tensors as `.tensor` leaves that share the mapped file.
  ///
  /// Throws `Failure.badData` when the file is none of the three forms, is damaged, or asks for anything but
  /// data.
  public static func read(_ path: String) throws -> PickleValue {
    try value(in: Data(mapping: path), name: path)
  }

  /// Whether `bytes` begin as a pickle of protocol 2 or later does, which legacy files do as well.
  public static func recognizesPickle(_ bytes: Data) -> Bool { bytes.first == PickleOpcode.proto.rawValue }

  static func value(in bytes: Data, name: String) throws -> PickleValue {
    if ZipArchive.recognizes(bytes) { return try TorchArchive(bytes, name: name).value() }
    if TorchLegacy.recognizes(bytes) { return try TorchLegacy(bytes, name: name).value() }
    var reader = try ByteReader(bytes, name: name)
    return try PickleReader.value(from: &reader, storages: .inline)
  }
}

/// Where a pickle's storages are.
enum TorchStorages {
  /// In the pickle itself, each a legacy file of its own.
  case inline
  /// Elsewhere in the file, under names.
  case named((TorchStorageName) throws -> TorchStorage)

  func storage(_ name: TorchStorageName, for pickle: PickleReader) throws -> TorchStorage {
    guard case .named(let find) = self else {
      throw pickle.damaged("refers to a storage that it does not hold")
    }
    return try find(name)
  }
}
